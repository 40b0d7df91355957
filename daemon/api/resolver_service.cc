#include "daemon/api/resolver_service.h"

#include <utility>

namespace interlink::daemon {

grpc::ServerUnaryReactor* ResolverService::Resolve(
    grpc::CallbackServerContext* context, const v1::ResolveRequest* request,
    v1::ResolveResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto status = caller_.Check(*context, "interlink.v1.ResolverService/Resolve");
  if (!status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  auto known = account_.resolver().AnswerAtOnce(*request);
  if (known) {
    reactor->Finish(
        ToGrpc(Fill(*std::move(known), response->mutable_resolution())));
    return reactor;
  }
  loop_.Post([=, this] {
    account_.resolver().AskPeers(
        *request, [=](absl::StatusOr<v1::Resolution> resolution) {
          reactor->Finish(ToGrpc(
              Fill(std::move(resolution), response->mutable_resolution())));
        });
  });
  return reactor;
}

}  // namespace interlink::daemon
