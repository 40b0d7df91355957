#include "daemon/api/resolver_service.h"

#include <utility>

namespace interlink::daemon {

UnaryReactor* ResolverService::Resolve(CallContext* context,
                                       const v1::ResolveRequest* request,
                                       v1::ResolveResponse* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  if (auto status = Check(*context, "Resolve"); !status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  const auto finish = [=](absl::StatusOr<v1::Resolution> resolution) {
    reactor->Finish(
        ToGrpc(Fill(std::move(resolution), response->mutable_resolution())));
  };
  if (auto known = account().resolver().AnswerAtOnce(*request)) {
    finish(*std::move(known));
  } else {
    backend().loop.Post(
        [=, this] { account().resolver().AskPeers(*request, finish); });
  }
  return reactor;
}

}  // namespace interlink::daemon
