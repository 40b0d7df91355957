#pragma once

#include <grpcpp/server_context.h>

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/api/api_connections.h"
#include "daemon/api/rpc_policy.h"

namespace interlink::daemon {

// Tells which role the caller of an RPC has, by the listener's own rule.
class ApiCaller {
 public:
  // Everyone who can open that socket has this role.
  static ApiCaller WithRole(Role role) { return ApiCaller(role); }
  // The role is in the client certificate: its one URI SAN is
  // "interlink://role/admin", ".../pbx" or ".../viewer". The certificate itself
  // was verified by TLS. `connections`, which must outlive the calls, hears of
  // each.
  static ApiCaller ByCertificate(ApiConnections& connections) {
    ApiCaller caller(std::nullopt);
    caller.connections_ = &connections;
    return caller;
  }

  // The caller's role, or NOT_PERMITTED. Thread-safe.
  absl::StatusOr<Role> Check(const grpc::ServerContextBase& context,
                             std::string_view method) const;

 private:
  explicit ApiCaller(std::optional<Role> role) : role_(role) {}

  std::optional<Role> role_;
  ApiConnections* connections_ = nullptr;
};

}  // namespace interlink::daemon
