#include "daemon/api/rpc_policy.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

constexpr unsigned kAdmin = static_cast<unsigned>(Role::kAdmin);
constexpr unsigned kPbx = static_cast<unsigned>(Role::kPbx);
constexpr unsigned kViewer = static_cast<unsigned>(Role::kViewer);
constexpr unsigned kPeer = static_cast<unsigned>(Role::kPeer);
constexpr unsigned kReaders = kAdmin | kPbx | kViewer;

constexpr RpcRule kPolicy[] = {
    {"interlink.federation.v1.FederationService/Redeem", kPeer},
    {"interlink.federation.v1.FederationService/Lookup", kPeer},
    {"interlink.federation.v1.FederationService/Terminate", kPeer},
    {"interlink.federation.v1.FederationService/Session", kPeer},
    {"interlink.v1.InterlinkService/GenerateKey", kAdmin},
    {"interlink.v1.InterlinkService/ShowKey", kAdmin},
    {"interlink.v1.InterlinkService/LinkAccount", kAdmin},
    {"interlink.v1.InterlinkService/GetInterlink", kReaders},
    {"interlink.v1.InterlinkService/ListInterlinks", kReaders},
    {"interlink.v1.InterlinkService/UpdateInterlink", kAdmin},
    {"interlink.v1.InterlinkService/DeleteInterlink", kAdmin},
    {"interlink.v1.InterlinkService/WatchInterlinks", kReaders},
    {"interlink.v1.NumberService/CreateNumber", kAdmin},
    {"interlink.v1.NumberService/GetNumber", kReaders},
    {"interlink.v1.NumberService/ListNumbers", kReaders},
    {"interlink.v1.NumberService/ListReachableNumbers", kReaders},
    {"interlink.v1.NumberService/UpdateNumber", kAdmin},
    {"interlink.v1.NumberService/DeleteNumber", kAdmin},
    {"interlink.v1.NumberService/ImportNumbers", kAdmin},
    {"interlink.v1.NumberService/WatchNumbers", kReaders},
    {"interlink.v1.ResolverService/Resolve", kAdmin | kPbx},
    {"interlink.v1.ResolverService/AuthorizeCall", kAdmin | kPbx},
    {"interlink.v1.DaemonService/GetAccount", kReaders},
    {"interlink.v1.DaemonService/Backup", kAdmin},
    {"interlink.v1.DaemonService/ListEvents", kAdmin},
    {"interlink.v1.DaemonService/WatchEvents", kAdmin},
    {"interlink.v1.DoctorService/Examine", kAdmin},
};

std::string Names(unsigned roles) {
  std::string names;
  const auto add = [&](unsigned role, const char* name) {
    if ((roles & role) == 0) return;
    names += names.empty() ? name : std::string(" or ") + name;
  };
  add(kAdmin, "admin");
  add(kPbx, "pbx");
  add(kViewer, "viewer");
  add(kPeer, "peer");
  return names.empty() ? "nobody" : names;
}

}  // namespace

std::string RoleName(Role role) { return Names(static_cast<unsigned>(role)); }

std::span<const RpcRule> RpcPolicy() { return kPolicy; }

absl::Status CheckPermission(std::string_view method, Role role) {
  const auto* rule =
      std::find_if(std::begin(kPolicy), std::end(kPolicy),
                   [&](const RpcRule& row) { return row.method == method; });
  const unsigned roles = rule == std::end(kPolicy) ? 0 : rule->roles;
  if ((roles & static_cast<unsigned>(role)) != 0) return absl::OkStatus();
  return federation::Refusal(federation::Reason::kNotPermitted,
                             std::string(method) + " needs the role " +
                                 Names(roles) +
                                 "; use a socket or a certificate that has it");
}

}  // namespace interlink::daemon
