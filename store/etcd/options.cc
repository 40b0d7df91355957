#include "store/etcd/options.h"

#include <arpa/inet.h>

#include <cstddef>
#include <string_view>

#include "store/etcd/seal.h"

namespace interlink::store {
namespace {

// All of a transaction's keys begin with it, and have to fit into its 1.5 MiB.
constexpr size_t kMaxPrefixBytes = 256;

// The host of "HOST:PORT"; empty if it is not that.
std::string HostOf(const std::string& endpoint) {
  const size_t colon = endpoint.rfind(':');
  if (colon == endpoint.npos || colon + 1 == endpoint.size()) return {};
  std::string host = endpoint.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    return host.substr(1, host.size() - 2);
  }
  return host.find(':') == host.npos ? host : std::string();
}

bool IsLoopback(const std::string& host) {
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return ntohl(address.s_addr) >> 24 == 127;
  }
  return host == "localhost" || host == "::1";
}

absl::Status CheckEndpoint(const std::string& endpoint, bool is_plain) {
  const std::string host = HostOf(endpoint);
  if (host.empty()) {
    return absl::InvalidArgumentError("\"" + endpoint +
                                      "\" is not HOST:PORT, which an endpoint "
                                      "of etcd has to be");
  }
  if (!is_plain || IsLoopback(host)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "etcd at " + endpoint +
      " is on another machine: a certificate, its key and an authority are "
      "needed, because without TLS anybody on the way could change the "
      "account");
}

}  // namespace

absl::Status CheckOptions(const EtcdOptions& options) {
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError("no endpoint of etcd is named");
  }
  for (const std::string& endpoint : options.endpoints) {
    if (auto s = CheckEndpoint(endpoint, !options.tls); !s.ok()) return s;
  }
  if (options.prefix.size() < 2 || !options.prefix.ends_with('/') ||
      options.prefix.size() > kMaxPrefixBytes) {
    return absl::InvalidArgumentError(
        "the prefix of an account in etcd is 2 to " +
        std::to_string(kMaxPrefixBytes) +
        " bytes and ends with a slash, as /interlink/sales/ does: \"" +
        options.prefix + "\" is not");
  }
  return Seal::Make(options.seal_key).status();
}

}  // namespace interlink::store
