#include "daemon/peer/accept/federation_service.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <spdlog/spdlog.h>

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/net/source_network.h"
#include "daemon/peer/accept/linked_connections.h"
#include "daemon/peer/accept/traffic_debt.h"
#include "daemon/rpc/grpc_status.h"
#include "daemon/rpc/refused_stream.h"
#include "federation/base/reason.h"
#include "federation/ledger/interlink_view.h"

namespace interlink::daemon {
namespace {

namespace v1 = federation::v1;
using federation::PeerCaller;
using federation::Reason;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

// A peer takes turns among its connections' certificates for nothing.
static_assert(federation::LinkAccess::kMostCertificates >=
              LinkedConnections::kMaxConnections);

std::string PropertyOf(const grpc::AuthContext& authentication,
                       const char* name) {
  const auto values = authentication.FindPropertyValues(name);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

// Rules for every call: it is not too large, and its caller has a certificate.
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

// Whether only a link's peer gets this answer. It includes a paused link's
// peer, who keeps the connection: without it he would be back at once.
bool IsForPeers(const absl::Status& answer) {
  if (answer.ok()) return true;
  const auto reason = federation::ReasonOf(answer);
  return reason == Reason::kLinkPaused || reason == Reason::kRateLimited;
}

template <class Response>
ServerUnaryReactor* Finish(const UnaryCall& call,
                           absl::StatusOr<Response>&& answer,
                           Response* response) {
  const absl::Status status = answer.status();
  if (status.ok()) *response = *std::move(answer);
  return call.Finish(ToGrpc(status));
}

}  // namespace

FederationService::FederationService(federation::EventLoop& loop,
                                     federation::Account& account)
    : loop_(loop),
      account_(account),
      budget_(loop),
      counts_({v1::SessionRequest::descriptor()->file()}),
      rows_(account.interlinks().observers().Add(
          [this](store::InterlinkId id) { ForgetIfGone(id); })) {
  Serve(&FederationService::Redeem);
  Serve(&FederationService::Lookup);
  Serve(&FederationService::Terminate);
  ServeBytes<v1::SessionRequest>(&FederationService::OpenSession);
}

void FederationService::SetConnections(PeerConnections& connections) {
  assert(loop_.IsOnLoop());
  connections_ = &connections;
  is_stopping_ = false;
}

void FederationService::HoldFlooder(store::InterlinkId id) {
  const federation::Row* row = account_.interlinks().Find(id);
  if (row == nullptr) return;
  spdlog::warn(
      "{} floods this daemon with calls and frames that lead to nothing; its "
      "connections are broken off for a minute",
      federation::TitleOf(row->record.name(), id));
  account_.sessions().HoldFlooder(id);
}

void FederationService::ForgetIfGone(store::InterlinkId id) {
  if (connections_ == nullptr) return;
  const federation::Row* row = account_.interlinks().Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    connections_->ForgetLink(id);
  }
}

CountedCall FederationService::Count(const char* method) {
  return {loop_,
          counts_.Of(v1::FederationService::service_full_name(), method)};
}

// IsPeerAuthenticated() says nothing here: it is true for any certificate.
PeerCaller FederationService::CallerOf(
    const CallbackServerContext& context) const {
  const auto authentication = context.auth_context();
  const std::string source = SourceOf(context.peer());
  return {
      .certificate = {.leaf_pem = PropertyOf(*authentication,
                                             GRPC_X509_PEM_CERT_PROPERTY_NAME),
                      .chain_pem =
                          PropertyOf(*authentication,
                                     GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)},
      .source =
          connections_ != nullptr ? connections_->OriginOf(source) : source};
}

absl::Status FederationService::Charge(const CallbackServerContext& context,
                                       const PeerCaller& caller) {
  std::optional<store::InterlinkId> link;
  if (connections_ != nullptr) {
    link = connections_->LinkOf(SourceOf(context.peer()));
  }
  return budget_.Take(caller, link);
}

template <class Request>
void FederationService::NoteAnswer(const CallbackServerContext& context,
                                   const Request& request,
                                   const absl::Status& answer) {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  if (connections_ == nullptr || !id || !IsForPeers(answer)) return;
  // A peer that goes on and on beyond its rate floods.
  const bool pays = federation::ReasonOf(answer) != Reason::kRateLimited ||
                    account_.lookups().TakeRefusal(*id);
  connections_->Accepted(
      SourceOf(context.peer()), *id,
      pays ? TrafficDebt::OfCall(request.ByteSizeLong()) : 0);
}

// gRPC keeps contexts, requests and responses until Finish(), so the loop may
// use them.

ServerUnaryReactor* FederationService::Redeem(CallbackServerContext* context,
                                              const v1::RedeemRequest* request,
                                              v1::RedeemResponse* response) {
  const UnaryCall call(*context, Count("Redeem"));
  PeerCaller caller = CallerOf(*context);
  auto status = Admit(caller, *request, kMaxRedeemBytes);
  if (status.ok()) status = Charge(*context, caller);
  if (!status.ok()) {
    return call.Finish(ToGrpc(status));
  }
  loop_.Post([this, context, caller = std::move(caller), request, response,
              call] {
    account_.redemptions().Redeem(
        caller, *request, [=, this](absl::StatusOr<v1::RedeemResponse> answer) {
          if (answer.ok()) NoteAnswer(*context, *request, answer.status());
          Finish(call, std::move(answer), response);
        });
  });
  return call.reactor();
}

ServerUnaryReactor* FederationService::Lookup(CallbackServerContext* context,
                                              const v1::LookupRequest* request,
                                              v1::LookupResponse* response) {
  const UnaryCall call(*context, Count("Lookup"));
  PeerCaller caller = CallerOf(*context);
  if (auto status = Admit(caller, *request, kMaxLookupBytes); !status.ok()) {
    return call.Finish(ToGrpc(status));
  }
  if (auto answer = account_.lookups().Answer(caller, *request)) {
    NoteAnswer(*context, *request, answer->status());
    return Finish(call, *std::move(answer), response);
  }
  if (auto status = Charge(*context, caller); !status.ok()) {
    return call.Finish(ToGrpc(status));
  }
  loop_.Post([this, context, caller = std::move(caller), request, response,
              call] {
    account_.DecideLookup(caller, *request,
                          [=, this](absl::StatusOr<v1::LookupResponse> answer) {
                            NoteAnswer(*context, *request, answer.status());
                            Finish(call, std::move(answer), response);
                          });
  });
  return call.reactor();
}

ServerUnaryReactor* FederationService::Terminate(
    CallbackServerContext* context, const v1::TerminateRequest* request,
    v1::TerminateResponse* /*response*/) {
  const UnaryCall call(*context, Count("Terminate"));
  PeerCaller caller = CallerOf(*context);
  auto status = Admit(caller, *request, kMaxTerminateBytes);
  if (status.ok()) status = Charge(*context, caller);
  if (!status.ok()) {
    return call.Finish(ToGrpc(status));
  }
  loop_.Post([this, caller = std::move(caller), request, call] {
    account_.removals().Terminate(
        caller, *request,
        [call](const absl::Status& outcome) { call.Finish(ToGrpc(outcome)); });
  });
  return call.reactor();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, v1::SessionResponse>*
FederationService::OpenSession(CallbackServerContext* context) {
  const CountedCall counted = Count("Session");
  PeerCaller caller = CallerOf(*context);
  if (auto status = Charge(*context, caller); !status.ok()) {
    counted.Ended(ToGrpc(status));
    return new RefusedStream<
        grpc::ServerBidiReactor<grpc::ByteBuffer, v1::SessionResponse>>(status);
  }
  auto* session = new AcceptedSession(loop_, *context, counted);
  loop_.Post([this, session, caller = std::move(caller),
              source = SourceOf(context->peer())]() mutable {
    Accept(*session, std::move(caller), source);
  });
  return session;
}

void FederationService::Accept(AcceptedSession& session, PeerCaller caller,
                               const std::string& source) {
  if (caller.certificate.leaf_pem.empty()) {
    session.Close(federation::Refusal(
        Reason::kNotPermitted, "the caller has not shown a certificate"));
    return;
  }
  if (is_stopping_) {
    session.Close(Stopped());
    return;
  }
  if (greeting_[source] >= kMostGreeting) {
    session.Close(federation::Refusal(
        Reason::kLimitReached, "too many sessions wait for their Hello"));
    return;
  }
  ++greeting_[source];
  auto greeted = [this, source] {
    if (--greeting_[source] == 0) greeting_.erase(source);
  };
  // The link it speaks for, once that is proved.
  auto link = std::make_shared<std::optional<store::InterlinkId>>();
  const auto pays = [this, source, link](uint64_t bytes) {
    if (*link && connections_ != nullptr) {
      connections_->Accepted(source, **link, bytes);
    }
  };
  session.SetOwner(
      {.admitted =
           [greeted, link, pays](store::InterlinkId id) {
             *link = id;
             greeted();
             pays(TrafficDebt::OfCall(0));
           },
       .received =
           [pays](size_t bytes) { pays(TrafficDebt::OfMessage(bytes)); },
       .sent = [pays](size_t bytes) { pays(TrafficDebt::OfReceipts(bytes)); },
       .ended =
           [this, greeted, link](AcceptedSession& ended) {
             if (!*link) greeted();
             sessions_.erase(&ended);
           }});
  sessions_.insert(&session);
  account_.sessions().Accept(std::move(caller), session.MakeStream());
}

absl::Status FederationService::Stopped() {
  return absl::UnavailableError("the daemon was stopped");
}

void FederationService::EndSessions() {
  assert(loop_.IsOnLoop());
  is_stopping_ = true;
  for (AcceptedSession* session : sessions_) {
    session->Close(Stopped());
  }
}

void FederationService::ForgetConnections() {
  assert(loop_.IsOnLoop());
  connections_ = nullptr;
}

}  // namespace interlink::daemon
