#include "daemon/federation_service.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/grpc_status.h"
#include "federation/reason.h"

namespace interlink::daemon {
namespace {

namespace v1 = federation::v1;
using federation::PeerCaller;
using federation::Reason;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

std::string PropertyOf(const grpc::AuthContext& authentication,
                       const char* name) {
  const auto values = authentication.FindPropertyValues(name);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

// IsPeerAuthenticated() says nothing here: it is true for any certificate.
PeerCaller CallerOf(const CallbackServerContext& context) {
  const auto authentication = context.auth_context();
  return {
      .certificate = {.leaf_pem = PropertyOf(*authentication,
                                             GRPC_X509_PEM_CERT_PROPERTY_NAME),
                      .chain_pem =
                          PropertyOf(*authentication,
                                     GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)},
      .source = SourceOf(context.peer())};
}

// What concerns every call: that it is not too large, and who may at all.
absl::Status Admit(const PeerCaller& caller,
                   const google::protobuf::Message& request, size_t max_bytes) {
  if (request.ByteSizeLong() > max_bytes) {
    return federation::Refusal(
        Reason::kRequestInvalid,
        "the request has more than " + std::to_string(max_bytes) + " bytes");
  }
  if (caller.certificate.leaf_pem.empty()) {
    return federation::Refusal(Reason::kNotPermitted,
                               "the caller has not shown a certificate");
  }
  return absl::OkStatus();
}

// Whether it is an answer that only a link's peer gets. A peer whose link is
// paused keeps its connection: it would be back at once.
bool IsForPeers(const absl::Status& answer) {
  if (answer.ok()) return true;
  const auto reason = federation::ReasonOf(answer);
  return reason == Reason::kLinkPaused || reason == Reason::kRateLimited;
}

template <class Response>
void Finish(ServerUnaryReactor* reactor, absl::StatusOr<Response>&& answer,
            Response* response) {
  const absl::Status status = answer.status();
  if (status.ok()) *response = *std::move(answer);
  reactor->Finish(ToGrpc(status));
}

}  // namespace

FederationService::FederationService(federation::EventLoop& loop,
                                     federation::Account& account)
    : loop_(loop), account_(account) {}

void FederationService::MarkLinked(const std::string& source) {
  if (connections_ != nullptr) connections_->MarkLinked(source);
}

// gRPC keeps requests and responses until Finish(), so the loop may use them.

ServerUnaryReactor* FederationService::Redeem(CallbackServerContext* context,
                                              const v1::RedeemRequest* request,
                                              v1::RedeemResponse* response) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  PeerCaller caller = CallerOf(*context);
  if (auto status = Admit(caller, *request, kMaxRedeemBytes); !status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  loop_.Post([this, caller = std::move(caller), request, response, reactor] {
    auto answer = account_.issuer().Redeem(caller, *request);
    if (answer.ok()) MarkLinked(caller.source);
    Finish(reactor, std::move(answer), response);
  });
  return reactor;
}

ServerUnaryReactor* FederationService::Lookup(CallbackServerContext* context,
                                              const v1::LookupRequest* request,
                                              v1::LookupResponse* response) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  PeerCaller caller = CallerOf(*context);
  if (auto status = Admit(caller, *request, kMaxLookupBytes); !status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  if (auto answer = account_.lookups().Answer(caller, *request)) {
    if (IsForPeers(answer->status())) MarkLinked(caller.source);
    Finish(reactor, *std::move(answer), response);
    return reactor;
  }
  loop_.Post([this, caller = std::move(caller), request, response, reactor] {
    auto answer = account_.lookups().Decide(caller, *request);
    if (IsForPeers(answer.status())) MarkLinked(caller.source);
    Finish(reactor, std::move(answer), response);
  });
  return reactor;
}

ServerUnaryReactor* FederationService::Terminate(
    CallbackServerContext* context, const v1::TerminateRequest* request,
    v1::TerminateResponse* /*response*/) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  PeerCaller caller = CallerOf(*context);
  if (auto status = Admit(caller, *request, kMaxTerminateBytes); !status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  loop_.Post([this, caller = std::move(caller), request, reactor] {
    reactor->Finish(ToGrpc(account_.removals().Terminate(caller, *request)));
  });
  return reactor;
}

grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionResponse>*
FederationService::Session(CallbackServerContext* context) {
  auto* session = new AcceptedSession(loop_, *context);
  loop_.Post([this, session, caller = CallerOf(*context)]() mutable {
    Accept(*session, std::move(caller));
  });
  return session;
}

void FederationService::Accept(AcceptedSession& session, PeerCaller caller) {
  if (caller.certificate.leaf_pem.empty()) {
    session.Shut(federation::Refusal(Reason::kNotPermitted,
                                     "the caller has not shown a certificate"));
    return;
  }
  if (is_stopping_) {
    session.Shut(absl::UnavailableError("this daemon is stopping"));
    return;
  }
  const std::string source = caller.source;
  if (greeting_[source] >= kMostGreeting) {
    session.Shut(federation::Refusal(Reason::kLimitReached,
                                     "too many sessions wait for their Hello"));
    return;
  }
  ++greeting_[source];
  auto greeted = [this, source] {
    if (--greeting_[source] == 0) greeting_.erase(source);
  };
  auto is_greeting = std::make_shared<bool>(true);
  session.SetOwner({.admitted =
                        [this, source, greeted, is_greeting] {
                          *is_greeting = false;
                          greeted();
                          MarkLinked(source);
                        },
                    .ended =
                        [this, greeted, is_greeting](AcceptedSession& ended) {
                          if (*is_greeting) greeted();
                          sessions_.erase(&ended);
                        }});
  sessions_.insert(&session);
  account_.sessions().Accept(std::move(caller), session.MakeStream());
}

void FederationService::EndSessions() {
  is_stopping_ = true;
  for (AcceptedSession* session : sessions_) {
    session->Shut(absl::UnavailableError("this daemon is stopping"));
  }
}

}  // namespace interlink::daemon
