#include "daemon/net/listen_address.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "federation/base/host.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
namespace error = boost::asio::error;

std::pair<std::string, std::string> HostAndPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  return {address.substr(0, colon), address.substr(colon + 1)};
}

std::string HintFor(const error_code& error) {
  if (error == error::address_in_use) {
    return "; another program has this port, so name another one or stop it";
  }
  if (error == error::access_denied) {
    return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
  }
  if (error == boost::system::errc::address_not_available) {
    return "; it is no address of this machine";
  }
  if (error.category() == error::get_netdb_category() ||
      error.category() == error::get_addrinfo_category()) {
    return "; the host name is not known here";
  }
  return "";
}

}  // namespace

error_code ListenAt(const std::string& address, tcp::acceptor& acceptor) {
  auto [host, port] = HostAndPort(address);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  error_code error;
  tcp::resolver resolver(acceptor.get_executor());
  const auto found = resolver.resolve(
      host, port, tcp::resolver::passive | tcp::resolver::numeric_service,
      error);
  if (error) return error;
  if (found.empty()) return error::host_not_found;
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), error);
  // Connections that have ended are in nobody's way.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  // With reuse, the system tells of another listener only now.
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

absl::Status CheckCanListen(const std::string& address, IfInUse if_in_use) {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context);
  const error_code error = ListenAt(address, acceptor);
  const bool is_allowed =
      error == error::address_in_use && if_in_use == IfInUse::kAllow;
  if (!error || is_allowed) return absl::OkStatus();
  return absl::UnavailableError("cannot listen at " + address + ": " +
                                error.message() + HintFor(error));
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
