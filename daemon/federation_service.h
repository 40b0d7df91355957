#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <map>
#include <set>
#include <string>

#include "daemon/accepted_session.h"
#include "daemon/peer_connections.h"
#include "federation/account.h"
#include "federation/event_loop.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

namespace interlink::daemon {

// What peers may call: hands each call to the account's rules, together with
// the certificate that the caller presented, which is all that it goes by.
//
// Lookup is answered on the RPC thread when it can be; all else on the loop.
// Threading: thread-safe. Lifetime: both arguments must outlive it, and it the
// server. The loop must run until the server has been shut down.
class FederationService final
    : public federation::v1::FederationService::CallbackService {
 public:
  // The body in it may have 16 KiB.
  static constexpr size_t kMaxRedeemBytes = 24 * 1024;
  static constexpr size_t kMaxLookupBytes = 1024;
  static constexpr size_t kMaxTerminateBytes = 1024;

  FederationService(federation::EventLoop& loop, federation::Account& account);

  // Where to note that a link has spoken over a connection; nullptr for
  // nowhere. Before the server starts, and after its shutdown.
  void set_connections(PeerConnections* connections) {
    connections_ = connections;
    // After a shutdown the loop still reads it.
    if (connections != nullptr) is_stopping_ = false;
  }

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
  grpc::ServerBidiReactor<federation::v1::SessionRequest,
                          federation::v1::SessionResponse>*
  Session(grpc::CallbackServerContext* context) override;

  // Ends the sessions that peers opened, which would hold the server's
  // shutdown. Loop only.
  void EndSessions();

 private:
  // Over one connection, without a Hello that was accepted.
  static constexpr int kMostGreeting = 4;

  void MarkLinked(const std::string& source);
  void Accept(AcceptedSession& session, federation::PeerCaller caller);

  federation::EventLoop& loop_;
  federation::Account& account_;
  PeerConnections* connections_ = nullptr;
  // Loop only.
  std::set<AcceptedSession*> sessions_;
  std::map<std::string, int> greeting_;  // By source.
  bool is_stopping_ = false;
};

}  // namespace interlink::daemon
