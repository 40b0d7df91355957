#pragma once

#include "absl/status/status.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// One Session stream to a peer, whichever side dialled: messages in order, one
// at a time each way, so that a slow peer costs no memory. The transport has
// proved, or will prove before the first message, what it was told to about the
// peer.
//
// Threading: loop only. Destroying it closes the stream at once; nothing is
// called any more then.
class PeerStream {
 public:
  // Who uses the stream. Called on the loop, never from within a call of the
  // stream's. The stream may be destroyed from within any of these.
  class Events {
   public:
    // The peer's next message. The one after it is read when this has returned.
    virtual void OnMessage(v1::SessionMessage message) = 0;
    // Something came instead that is no message.
    virtual void OnGarbage() = 0;
    // The latest Send() has left; there may be another.
    virtual void OnSent() = 0;
    // The stream has ended, by the peer or because it broke; called at most
    // once, and nothing after it. `from_peer`: the pinned peer itself said
    // `status` (as in PeerAnswer).
    virtual void OnClosed(absl::Status status, bool from_peer) = 0;

   protected:
    ~Events() = default;
  };

  virtual ~PeerStream() = default;

  // Begins to call `events`, which must outlive the stream. Once.
  virtual void Open(Events& events) = 0;

  // REQUIRES: OnSent() was called for the message before.
  virtual void Send(const v1::SessionMessage& message) = 0;

  // Closes the stream when what was sent has left: at the dialling side as a
  // half-close, at the other with `status`. Destroy it later, at OnClosed() or
  // after a grace.
  virtual void Close(absl::Status status) = 0;

  // The peer of this link speaks over it, so it may stay.
  virtual void Admit(store::InterlinkId link) = 0;
};

}  // namespace interlink::federation
