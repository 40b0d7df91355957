#include "daemon/api/resolver_service.h"

#include <utility>

#include "daemon/rpc/trace_of.h"

namespace interlink::daemon {
namespace {

constexpr char kDoor[] = "grpc";  // In the log.

}  // namespace

UnaryReactor* ResolverService::Resolve(CallContext* context,
                                       const v1::ResolveRequest* request,
                                       v1::ResolveResponse* response) {
  const UnaryCall call(*context, Count("Resolve"));
  if (auto status = Check(*context, "Resolve"); !status.ok()) {
    return call.Finish(ToGrpc(status));
  }
  const federation::Asker asker{.trace = TraceOf(*context)};
  const auto finish = [=, this, start = backend().loop.Now()](
                          absl::StatusOr<v1::Resolution> resolution) {
    const federation::Duration took = backend().loop.Now() - start;
    account().counters().at_grpc.AddLookup(resolution, took);
    account().traces().NoteLookup(asker.trace, kDoor, resolution, took);
    call.Finish(
        ToGrpc(Fill(std::move(resolution), response->mutable_resolution())));
  };
  if (auto known = account().resolver().AnswerAtOnce(*request, asker)) {
    finish(*std::move(known));
  } else {
    backend().loop.Post(
        [=, this] { account().resolver().AskPeers(*request, finish, asker); });
  }
  return call.reactor();
}

UnaryReactor* ResolverService::AuthorizeCall(
    CallContext* context, const v1::AuthorizeCallRequest* request,
    v1::AuthorizeCallResponse* response) {
  const UnaryCall call(*context, Count("AuthorizeCall"));
  auto status = Check(*context, "AuthorizeCall");
  if (status.ok()) {
    const auto start = backend().loop.Now();
    auto admitted = account().call_admission().Authorize(*request);
    const federation::Duration took = backend().loop.Now() - start;
    account().counters().at_grpc.AddCall(admitted, took);
    account().traces().NoteCall(TraceOf(*context), kDoor, admitted, took);
    status = Fill(std::move(admitted), response);
  }
  return call.Finish(ToGrpc(status));
}

}  // namespace interlink::daemon
