#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <utility>
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

  // Whether nobody but this machine has an address in it.
  bool IsLoopback() const;
  // Whether it has all addresses there are, of IPv4 or IPv6.
  bool HasAll() const { return bits_ == 0; }
  // Whether it was written as an address in it, such as 192.0.2.5/24.
  bool HasHostBits() const { return Network() != address_; }

  // "192.0.2.0/24", also if it was written as 192.0.2.5/24.
  std::string ToText() const;
  // The address that was written: 192.0.2.5 of 192.0.2.5/24.
  std::string AddressText() const { return address_.to_string(); }

 private:
  AddressRange(boost::asio::ip::address address, unsigned bits)
      : address_(std::move(address)), bits_(bits) {}

  // Its first address.
  boost::asio::ip::address Network() const;

  boost::asio::ip::address address_;
  unsigned bits_;
};

bool AnyContains(const std::vector<AddressRange>& ranges,
                 const boost::asio::ip::address& address);

}  // namespace interlink::daemon
