#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

namespace interlink::daemon {

// A network such as 192.0.2.0/24 or 2001:db8::/32, or one address. IPv4
// addresses that are written as IPv6 count as IPv4.
//
// A value.
class AddressRange {
 public:
  // Reads an address, or an address, "/" and the number of bits that count.
  // nullopt for anything else.
  static std::optional<AddressRange> Parse(const std::string& text);

  bool Contains(const boost::asio::ip::address& address) const;

 private:
  AddressRange(boost::asio::ip::address address, unsigned bits)
      : address_(std::move(address)), bits_(bits) {}

  boost::asio::ip::address address_;
  unsigned bits_;
};

bool AnyContains(const std::vector<AddressRange>& ranges,
                 const boost::asio::ip::address& address);

}  // namespace interlink::daemon
