#include "daemon/net/source_network.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

namespace interlink::daemon {
namespace {

constexpr size_t kIpv6NetworkBytes = 8;

void Replace(std::string& text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  if (at != text.npos) text.replace(at, what.size(), with);
}

}  // namespace

boost::asio::ip::address PlainAddress(const boost::asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                            address.to_v6());
  }
  return address;
}

std::string HostText(const boost::asio::ip::address& address) {
  const std::string text = address.to_string();
  return address.is_v6() ? "[" + text + "]" : text;
}

std::string NetworkOf(const boost::asio::ip::address& address) {
  const auto plain = PlainAddress(address);
  if (plain.is_v4()) return plain.to_string();
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + kIpv6NetworkBytes, bytes.end(), 0);
  return boost::asio::ip::address_v6(bytes).to_string();
}

std::string SourceOf(const std::string& grpc_peer) {
  std::string source = grpc_peer.substr(grpc_peer.find(':') + 1);
  if (grpc_peer.starts_with("ipv6:")) {
    Replace(source, "%5B", "[");
    Replace(source, "%5D", "]");
    // The interface of a link-local address.
    const size_t scope = source.find('%');
    if (scope != source.npos) source.erase(scope, source.find(']') - scope);
  }
  return source;
}

std::string SourceOf(const boost::asio::ip::tcp::endpoint& endpoint) {
  const auto address = PlainAddress(endpoint.address());
  const std::string port = ":" + std::to_string(endpoint.port());
  if (address.is_v4()) return address.to_string() + port;
  const boost::asio::ip::address_v6 unscoped(address.to_v6().to_bytes());
  return "[" + unscoped.to_string() + "]" + port;
}

}  // namespace interlink::daemon
