#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "daemon/peer/accept/accepted_session.h"
#include "daemon/peer/accept/peer_connections.h"
#include "daemon/rpc/parsed_service.h"
#include "daemon/rpc/rpc_counts.h"
#include "federation/account.h"
#include "federation/base/event_loop.h"
#include "federation/peer/call_budget.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

namespace interlink::daemon {

// What peers may call. Hands each call to the account's rules together with the
// certificate that the caller presented: nothing else says who calls.
//
// Lookup is answered on the RPC thread if possible; everything else on the
// loop, as far as the caller's budget allows.
// Threading: thread-safe. Lifetime: both arguments must outlive it, and it the
// server. The loop must run until the server has been shut down.
class FederationService final
    : public ParsedService<federation::v1::FederationService::CallbackService> {
 public:
  // The signed body within may have 16 KiB.
  static constexpr size_t kMaxRedeemBytes = 24 * 1024;
  static constexpr size_t kMaxLookupBytes = 1024;
  static constexpr size_t kMaxTerminateBytes = 1024;

  FederationService(federation::EventLoop& loop, federation::Account& account);

  // What peers are told when this daemon stops.
  static absl::Status Stopped();

  // Where to note which link speaks over a connection, until
  // ForgetConnections(). Loop only, before the server accepts.
  void SetConnections(PeerConnections& connections);
  // The link's peer floods this daemon: no session for a while. Loop only.
  void HoldFlooder(store::InterlinkId id);
  // Forgets the connections of the link, unless it is established. Loop only.
  void ForgetIfGone(store::InterlinkId id);

  grpc::ServerUnaryReactor* Redeem(
      grpc::CallbackServerContext* context,
      const federation::v1::RedeemRequest* request,
      federation::v1::RedeemResponse* response) override;
  grpc::ServerUnaryReactor* Lookup(
      grpc::CallbackServerContext* context,
      const federation::v1::LookupRequest* request,
      federation::v1::LookupResponse* response) override;
  grpc::ServerUnaryReactor* Terminate(
      grpc::CallbackServerContext* context,
      const federation::v1::TerminateRequest* request,
      federation::v1::TerminateResponse* response) override;
  // Ends the sessions that peers have opened, which would hold the server's
  // shutdown. Loop only.
  void EndSessions();
  // Notes nothing more. Loop only, after the server's shutdown.
  void ForgetConnections();

  // Of what peers have called. Any thread.
  const RpcCounts& counts() const { return counts_; }

 private:
  // The RPC Session.
  grpc::ServerBidiReactor<grpc::ByteBuffer, federation::v1::SessionResponse>*
  OpenSession(grpc::CallbackServerContext* context);

  // Sessions over one connection that wait for their Hello to be accepted.
  static constexpr int kMostGreeting = 4;

  // A call of that method has come.
  CountedCall Count(const char* method);
  federation::PeerCaller CallerOf(
      const grpc::CallbackServerContext& context) const;
  // Charges a call that the loop has to decide. Errors: RATE_LIMITED.
  absl::Status Charge(const grpc::CallbackServerContext& context,
                      const federation::PeerCaller& caller);
  // Notes that the request got that answer, if only the link's peer gets it.
  template <class Request>
  void NoteAnswer(const grpc::CallbackServerContext& context,
                  const Request& request, const absl::Status& answer);
  // `session` came over the connection from `source`.
  void Accept(AcceptedSession& session, federation::PeerCaller caller,
              const std::string& source);

  federation::EventLoop& loop_;
  federation::Account& account_;
  federation::CallBudget budget_;
  RpcCounts counts_;
  PeerConnections* connections_ = nullptr;
  // Loop only.
  std::set<AcceptedSession*> sessions_;
  std::map<std::string, int> greeting_;  // By the connection's source.
  bool is_stopping_ = false;
  const std::unique_ptr<federation::Observers<store::InterlinkId>::Subscription>
      rows_;
};

}  // namespace interlink::daemon
