#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "federation/base/host.h"

// Where something listens, as people and peers write it.
namespace interlink::federation {

// An account tells its peers at most this many addresses.
inline constexpr size_t kMaxPeerAddresses = 4;

struct HostPort {
  Host host;
  uint32_t port;  // 0 if there is none.

  bool operator==(const HostPort&) const = default;
};

// Splits "host", "host:port" or "[v6]:port"; nullopt if the host or the port is
// not well-formed.
std::optional<HostPort> SplitHostPort(std::string_view text);

// OK for "host:port" with a DNS name, an IPv4 or a bracketed IPv6 address and a
// port from 1 to 65535; else REQUEST_INVALID.
absl::Status CheckAddress(std::string_view address);
// The same for an address at which peers are to reach a daemon: nobody can be
// reached at 0.0.0.0, [::] and multicast or reserved addresses.
absl::Status CheckPeerAddress(std::string_view address);

// Whether two addresses lead to the same host and port, however each is
// written.
bool IsSameAddress(std::string_view one, std::string_view two);

}  // namespace interlink::federation
