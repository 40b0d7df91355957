#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/api/api_connections.h"
#include "daemon/api/rpc_policy.h"
#include "daemon/rpc/grpc_status.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// How a listener of the API tells who its callers are.
class ApiCaller {
 public:
  // Everyone who can open that socket has this role.
  static ApiCaller WithRole(Role role) { return ApiCaller(role); }
  // The role is in the client certificate: its one URI SAN is
  // "interlink://role/admin", ".../pbx" or ".../viewer". The certificate itself
  // was verified by TLS. `connections`, which must outlive the calls, is told
  // of each.
  static ApiCaller ByCertificate(ApiConnections& connections) {
    ApiCaller caller(std::nullopt);
    caller.connections_ = &connections;
    return caller;
  }

  // OK, or NOT_PERMITTED. Thread-safe.
  absl::Status Check(const grpc::ServerContextBase& context,
                     std::string_view method) const;

 private:
  explicit ApiCaller(std::optional<Role> role) : role_(role) {}

  std::optional<Role> role_;
  ApiConnections* connections_ = nullptr;
};

// Answers a unary call on the loop: `handle` fills the response and returns the
// outcome. gRPC keeps request and response until then.
template <class Handle>
grpc::ServerUnaryReactor* AnswerOnLoop(federation::EventLoop& loop,
                                       const ApiCaller& caller,
                                       grpc::CallbackServerContext* context,
                                       std::string_view method, Handle handle) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (auto status = caller.Check(*context, method); !status.ok()) {
    reactor->Finish(ToGrpc(status));
    return reactor;
  }
  loop.Post([reactor, handle = std::move(handle)]() mutable {
    reactor->Finish(ToGrpc(handle()));
  });
  return reactor;
}

// `result` into `out`; its error, if it is one.
template <class T>
absl::Status Fill(absl::StatusOr<T> result, T* out) {
  if (!result.ok()) return result.status();
  *out = *std::move(result);
  return absl::OkStatus();
}

}  // namespace interlink::daemon
