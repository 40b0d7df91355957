#pragma once

#include <memory>

#include "daemon/peer/dial/peer_calls.h"
#include "daemon/peer/dial/peer_channels.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/tls/tls_identity.h"
#include "federation/base/event_loop.h"
#include "federation/peer/peer_client.h"

namespace interlink::daemon {

// Calls peers over gRPC and mutual TLS. Connections are kept for as long as
// they are used, one for each address and pin.
//
// If no peer answers, the answer is PEER_UNREACHABLE in words for the
// administrator, or VerifyPeer()'s verdict on the certificate presented there.
// Threading: loop only. Lifetime: the arguments must outlive it, and at its
// destruction calls under way are cancelled and forgotten.
class GrpcPeerClient : public federation::PeerClient {
 public:
  GrpcPeerClient(AsioEventLoop& loop, const TlsIdentity& identity);
  ~GrpcPeerClient() override;

  void Redeem(const federation::PeerTarget& target,
              const federation::v1::RedeemRequest& request,
              federation::Duration timeout,
              Done<federation::v1::RedeemResponse> done) override;
  void Lookup(const federation::PeerTarget& target,
              const federation::v1::LookupRequest& request,
              federation::Duration timeout,
              Done<federation::v1::LookupResponse> done) override;
  void Terminate(const federation::PeerTarget& target,
                 const federation::v1::TerminateRequest& request,
                 federation::Duration timeout,
                 Done<federation::v1::TerminateResponse> done) override;
  std::unique_ptr<federation::PeerStream> Session(
      const federation::PeerTarget& target) override;

  // Of what was called. Any thread.
  const RpcCounts& counts() const { return shared_->counts; }

 private:
  template <class Request, class Response>
  class Call;

  template <class Request, class Response, class Method>
  void Begin(const char* name, const federation::PeerTarget& target,
             const Request& request, federation::Duration timeout,
             Done<Response> done, Method method);

  federation::EventLoop& loop_;
  PeerChannels channels_;
  const std::shared_ptr<PeerCalls> shared_;
};

}  // namespace interlink::daemon
