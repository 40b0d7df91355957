#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace interlink::daemon {

// The address itself, as IPv4 if it is an IPv4 address written as IPv6, which
// is how a socket for both families shows it.
boost::asio::ip::address PlainAddress(const boost::asio::ip::address& address);

// The address as the host of a URI: an IPv6 address in brackets.
std::string HostText(const boost::asio::ip::address& address);

// What counts as one source for the limits of a listener: an IPv4 address, or
// the /64 network of an IPv6 address, all of which one machine can use.
std::string NetworkOf(const boost::asio::ip::address& address);

// "host:port" of the other end, as gRPC names it ("ipv4:192.0.2.1:5060",
// "ipv6:%5B2001:db8::1%5D:5060").
std::string SourceOf(const std::string& grpc_peer);
std::string SourceOf(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace interlink::daemon
