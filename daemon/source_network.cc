#include "daemon/source_network.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

namespace interlink::daemon {
namespace {

constexpr size_t kIpv6NetworkBytes = 8;

}  // namespace

boost::asio::ip::address PlainAddress(const boost::asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                            address.to_v6());
  }
  return address;
}

std::string NetworkOf(const boost::asio::ip::address& address) {
  const auto plain = PlainAddress(address);
  if (plain.is_v4()) return plain.to_string();
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + kIpv6NetworkBytes, bytes.end(), 0);
  return boost::asio::ip::address_v6(bytes).to_string();
}

}  // namespace interlink::daemon
