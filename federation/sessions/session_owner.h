#pragma once

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

class Session;

// Keeps sessions, and hears of what decides about them.
//
// Threading: loop only. A session may be destroyed in OnEnded() only.
class SessionOwner {
 public:
  // The peer's Hello has come. If the peer dialled, SetLink() is to be called,
  // and then Greet(), at once or later.
  virtual void OnHello(Session& session, const v1::Hello& hello) = 0;
  virtual void OnPong(Session& session, Duration round_trip) = 0;
  // The pong to the latest ping is late.
  virtual void OnLate(Session& session) = 0;
  // Called once. `from_peer` as in PeerAnswer.
  virtual void OnEnded(Session& session, const absl::Status& status,
                       bool from_peer) = 0;

 protected:
  ~SessionOwner() = default;
};

}  // namespace interlink::federation
