#pragma once

#include "absl/status/status.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// One Session stream to a peer, whichever side dialled: messages in order, one
// at a time each way, so that a slow peer costs no memory. A stream that this
// side dialled delivers no message before the peer has proved to be the pinned
// account.
//
// Threading: loop only. Destroying the stream closes it at once; none of its
// Events is called after that.
class PeerStream {
 public:
  // The user of the stream. Called on the loop, never from within a call of one
  // of the stream's methods. Each of these may destroy the stream.
  class Events {
   public:
    // The peer's next message. The one after it is read once this returns.
    virtual void OnMessage(v1::SessionMessage message) = 0;
    // The peer sent something that is no message.
    virtual void OnGarbage() = 0;
    // The message of the latest Send() has left; the next may be sent.
    virtual void OnSent() = 0;
    // The peer has ended the stream, or it broke. Called at most once, and
    // nothing is called after it. `from_peer` is as in PeerAnswer.
    virtual void OnClosed(absl::Status status, bool from_peer) = 0;

   protected:
    ~Events() = default;
  };

  virtual ~PeerStream() = default;

  // Begins to call `events`, which must outlive the stream. To be called once.
  virtual void Open(Events& events) = 0;

  // REQUIRES: OnSent() was called for the message before this one.
  virtual void Send(const v1::SessionMessage& message) = 0;

  // Closes the stream once the messages sent have left: the side that dialled
  // half-closes, the other ends it with `status`. Destroy the stream later, at
  // OnClosed() or after a grace period.
  virtual void Close(absl::Status status) = 0;

  // Lets the stream stay: the peer of `link` speaks over it.
  virtual void Admit(store::InterlinkId link) = 0;
};

}  // namespace interlink::federation
