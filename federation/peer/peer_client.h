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

// How a call ended. A status that carries a reason (see reason.h) was said by
// the pinned peer itself; any other error means that it was not reached, or
// that somebody else answered at that address. PEER_IDENTITY_MISMATCH and
// NOT_PERMITTED are given by this side, without a request having been sent, if
// the certificate presented there fails VerifyPeer().
template <class Response>
struct PeerAnswer {
  absl::Status status;
  // Whether the pinned peer itself said `status`.
  bool from_peer = false;
  Response response;
  Duration round_trip{};
};

// Calls out to other accounts. Nothing is sent before the callee has proved to
// be the pinned account.
//
// `done` is called exactly once, on the loop, never from within the call, and
// never after the client is destroyed.
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

  // A Session stream; the connection is made from when it is opened. If it
  // cannot be, OnClosed() says why, in the words of a call's status.
  virtual std::unique_ptr<PeerStream> Session(const PeerTarget& target) = 0;
};

// A call that came in: who presented which certificate, from where.
struct PeerCaller {
  PresentedChain certificate;
  std::string source;  // "host:port", for events and rate limits.
};

}  // namespace interlink::federation
