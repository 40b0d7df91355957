#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

namespace interlink::daemon {

// The address itself, as IPv4 if it is an IPv4 address written as IPv6, which
// is how a socket for both families shows it.
boost::asio::ip::address PlainAddress(const boost::asio::ip::address& address);

// What the limits of a listener take for one source: an IPv4 address, or the
// /64 network of an IPv6 address, because whoever has one has the other 2^64.
std::string NetworkOf(const boost::asio::ip::address& address);

}  // namespace interlink::daemon
