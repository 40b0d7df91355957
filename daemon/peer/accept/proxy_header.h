#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// The header of the PROXY protocol, version 2, in which a proxy says for whom
// it connects (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt,
// section 2.2). It comes before anything else, and is binary: a fixed part with
// the length of what follows.
//
// Threading: any thread.
namespace proxy_header {

inline constexpr size_t kFixedSize = 16;
// The addresses, and whatever extensions a proxy adds.
inline constexpr size_t kMostFollowing = 1024;
// No other protocol that is spoken to this daemon begins with it.
inline constexpr char kFirstByte = '\r';

// How many bytes follow the fixed part. Errors: INVALID_ARGUMENT if it is no
// header, or if more than kMostFollowing follow.
absl::StatusOr<size_t> FollowingSize(std::string_view fixed);

// For whom the proxy connects; nullopt if for itself, as a health check does,
// or for somebody without an address. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::optional<boost::asio::ip::tcp::endpoint>> Source(
    std::string_view fixed, std::string_view following);

}  // namespace proxy_header
}  // namespace interlink::daemon
