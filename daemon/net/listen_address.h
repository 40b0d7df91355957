#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <string>

#include "absl/status/status.h"

namespace interlink::daemon {

// Opens `acceptor` at `address`, "host:port"; an IPv6 address is in brackets.
boost::system::error_code ListenAt(const std::string& address,
                                   boost::asio::ip::tcp::acceptor& acceptor);

// Opens `socket` at such an address, to receive datagrams.
boost::system::error_code BindAt(const std::string& address,
                                 boost::asio::ip::udp::socket& socket);

// Says why `error` keeps us from listening at `address`, and what to do:
// UNAVAILABLE.
absl::Status CannotListen(const std::string& address,
                          const boost::system::error_code& error);

// Whether this machine lets us listen at `address`, "host:port". A port that is
// in use passes: a daemon that runs now may have it. Errors: CannotListen().
absl::Status CheckCanListen(const std::string& address);
// The same of a place where datagrams are received.
absl::Status CheckCanReceive(const std::string& address);

// Whether somebody listens at `address` now, or receives datagrams there.
bool IsListenedAt(const std::string& address);
bool IsReceivedAt(const std::string& address);

// Whether listening at the one takes the place of the other: the same port of
// the same host, or of a host that stands for all.
bool IsSamePlace(const std::string& address, const std::string& other);

}  // namespace interlink::daemon
