#include "daemon/net/listen_address.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <utility>

#include "federation/base/host.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;
namespace error = boost::asio::error;

std::pair<std::string, std::string> HostAndPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  return {address.substr(0, colon), address.substr(colon + 1)};
}

std::string HintFor(const error_code& error) {
  if (error == error::address_in_use) {
    return "; another program has this port: name another port, or stop that "
           "program";
  }
  if (error == error::access_denied) {
    return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  }
  if (error == boost::system::errc::address_not_available) {
    return "; it is no address of this machine: name one that it has, or "
           "0.0.0.0 for all";
  }
  if (error.category() == error::get_netdb_category() ||
      error.category() == error::get_addrinfo_category()) {
    return "; the host name is not known here";
  }
  return "";
}

// Where an address, "host:port", is for a socket of `Protocol`.
template <class Protocol, class Executor>
typename Protocol::endpoint EndpointOf(const std::string& address,
                                       const Executor& executor,
                                       error_code& error) {
  auto [host, port] = HostAndPort(address);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  using Resolver = typename Protocol::resolver;
  Resolver resolver(executor);
  const auto found = resolver.resolve(
      host, port, Resolver::passive | Resolver::numeric_service, error);
  if (!error && found.empty()) error = error::host_not_found;
  return error ? typename Protocol::endpoint() : found.begin()->endpoint();
}

error_code TryToListen(const std::string& address) {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context);
  return ListenAt(address, acceptor);
}

error_code TryToReceive(const std::string& address) {
  boost::asio::io_context context;
  udp::socket socket(context);
  return BindAt(address, socket);
}

// A daemon that runs now may have the port.
absl::Status UnlessInUse(const std::string& address, const error_code& error) {
  if (!error || error == error::address_in_use) return absl::OkStatus();
  return CannotListen(address, error);
}

}  // namespace

error_code ListenAt(const std::string& address, tcp::acceptor& acceptor) {
  error_code error;
  const auto endpoint =
      EndpointOf<tcp>(address, acceptor.get_executor(), error);
  if (error) return error;
  acceptor.open(endpoint.protocol(), error);
  // Connections that have ended are in nobody's way.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  // With reuse, the system tells of another listener only now.
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

error_code BindAt(const std::string& address, udp::socket& socket) {
  error_code error;
  const auto endpoint = EndpointOf<udp>(address, socket.get_executor(), error);
  if (!error) socket.open(endpoint.protocol(), error);
  if (!error) socket.bind(endpoint, error);
  return error;
}

absl::Status CannotListen(const std::string& address, const error_code& error) {
  return absl::UnavailableError("cannot listen at " + address + ": " +
                                error.message() + HintFor(error));
}

absl::Status CheckCanListen(const std::string& address) {
  return UnlessInUse(address, TryToListen(address));
}

absl::Status CheckCanReceive(const std::string& address) {
  return UnlessInUse(address, TryToReceive(address));
}

bool IsListenedAt(const std::string& address) {
  return TryToListen(address) == error::address_in_use;
}

bool IsReceivedAt(const std::string& address) {
  return TryToReceive(address) == error::address_in_use;
}

bool IsSamePlace(const std::string& address, const std::string& other) {
  const auto [host, port] = HostAndPort(address);
  const auto [other_host, other_port] = HostAndPort(other);
  if (port != other_port || port == "0") return false;
  const auto one = federation::Host::Parse(host);
  const auto two = federation::Host::Parse(other_host);
  if (!one.ok() || !two.ok()) return false;
  return *one == *two || one->IsUnspecified() || two->IsUnspecified();
}

}  // namespace interlink::daemon
