#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace interlink::daemon {

// Kinds of callers; the listener or the certificate tells which (design.md
// section 3).
enum class Role : unsigned {
  kAdmin = 1,   // May do everything on the API.
  kPbx = 2,     // May resolve, authorize calls and read.
  kViewer = 4,  // May read, but no keys.
  kPeer = 8,  // Any certificate on the federation listener; the handler decides
              // the rest.
};

// One row: a full method name ("interlink.v1.InterlinkService/GenerateKey") and
// the roles that may call it, as a sum of Role values.
struct RpcRule {
  std::string_view method;
  unsigned roles;
};

// "admin" and so on.
std::string RoleName(Role role);

// Who may call what. Every RPC of every service of ours has exactly one row.
std::span<const RpcRule> RpcPolicy();

// OK, or NOT_PERMITTED naming the role that was needed. A method without a row
// is permitted to nobody.
absl::Status CheckPermission(std::string_view method, Role role);

}  // namespace interlink::daemon
