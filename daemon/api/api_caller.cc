#include "daemon/api/api_caller.h"

#include <grpc/grpc_security_constants.h>

#include <string>

#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

std::optional<Role> RoleInCertificate(const grpc::AuthContext& auth) {
  const auto uris = auth.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME);
  if (uris.size() != 1) return std::nullopt;
  const std::string uri(uris[0].data(), uris[0].size());
  if (uri == "interlink://role/admin") return Role::kAdmin;
  if (uri == "interlink://role/pbx") return Role::kPbx;
  if (uri == "interlink://role/viewer") return Role::kViewer;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Role> ApiCaller::Check(const grpc::ServerContextBase& context,
                                      std::string_view method) const {
  if (connections_ != nullptr) connections_->Heard(context.peer());
  const auto role = role_ ? role_ : RoleInCertificate(*context.auth_context());
  if (!role) {
    return federation::Refusal(
        federation::Reason::kNotPermitted,
        "the client certificate does not name exactly one known role; it needs "
        "one URI SAN, interlink://role/admin, /pbx or /viewer");
  }
  if (auto status = CheckPermission(method, *role); !status.ok()) return status;
  return *role;
}

}  // namespace interlink::daemon
