#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/identity/peer_verification.h"
#include "federation/peer/peer_stream.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Whom to call, and where.
struct PeerTarget {
  std::string address;  // "host:port".
  PeerPin pin;
};

// How a call ended. Unless `from_peer`, an error means that the peer was not
// reached, or that somebody else answered at its address. If the certificate
// presented there fails VerifyPeer(), `status` is that of VerifyPeer(), and no
// request was sent.
template <class Response>
struct PeerAnswer {
  absl::Status status;
  // Whether the pinned peer itself gave `status`.
  bool from_peer = false;
  Response response;
  Duration round_trip{};
};

// Calls to other accounts. Sends nothing before the callee has proved to be the
// pinned account.
//
// `done` is called exactly once, on the loop and not from within the call; but
// not after the client is destroyed.
// Threading: loop only.
class PeerClient {
 public:
  template <class Response>
  using Done = absl::AnyInvocable<void(PeerAnswer<Response>)>;

  virtual ~PeerClient() = default;

  virtual void Redeem(const PeerTarget& target,
                      const v1::RedeemRequest& request, Duration timeout,
                      Done<v1::RedeemResponse> done) = 0;
  virtual void Lookup(const PeerTarget& target,
                      const v1::LookupRequest& request, Duration timeout,
                      Done<v1::LookupResponse> done) = 0;
  virtual void Terminate(const PeerTarget& target,
                         const v1::TerminateRequest& request, Duration timeout,
                         Done<v1::TerminateResponse> done) = 0;

  // A Session stream, which connects when it is opened. If it cannot connect,
  // OnClosed() gets the status that a call would.
  virtual std::unique_ptr<PeerStream> Session(const PeerTarget& target) = 0;
};

// Who made a call that came in: the certificate presented, and where from.
struct PeerCaller {
  PresentedChain certificate;
  std::string source;  // "host:port", for events and rate limits.
};

}  // namespace interlink::federation
