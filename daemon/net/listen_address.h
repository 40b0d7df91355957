#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/status.h"

namespace interlink::daemon {

// Opens `acceptor` at `address`, "host:port"; an IPv6 address is in brackets.
boost::system::error_code ListenAt(const std::string& address,
                                   boost::asio::ip::tcp::acceptor& acceptor);

enum class IfInUse { kRefuse, kAllow };

// Whether this machine lets us listen at `address`, "host:port". Errors:
// UNAVAILABLE with the reason in words: the host is not known or not this
// machine's, the port needs other rights or, unless that is allowed, another
// program has it.
absl::Status CheckCanListen(const std::string& address, IfInUse if_in_use);

// Whether listening at the one takes the place of the other: the same port of
// the same host, or of a host that stands for all.
bool IsSamePlace(const std::string& address, const std::string& other);

}  // namespace interlink::daemon
