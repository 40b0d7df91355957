#include "daemon/net/address_range.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

// Whether both begin with the same `bits` bits.
template <class Bytes>
bool AgreeIn(const Bytes& a, const Bytes& b, unsigned bits) {
  for (size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8U);
    if ((a[i] ^ b[i]) >> (8 - here) != 0) return false;
    bits -= here;
  }
  return true;
}

// The first `bits` bits, and zeros.
template <class Bytes>
Bytes Beginning(Bytes bytes, unsigned bits) {
  for (auto& byte : bytes) {
    const unsigned here = std::min(bits, 8U);
    byte = static_cast<unsigned char>(byte & (0xff00U >> here));
    bits -= here;
  }
  return bytes;
}

}  // namespace

std::optional<AddressRange> AddressRange::Parse(const std::string& text) {
  const size_t slash = text.find('/');
  boost::system::error_code error;
  const auto address =
      boost::asio::ip::make_address(text.substr(0, slash), error);
  if (error) return std::nullopt;
  unsigned bits = address.is_v4() ? 32 : 128;
  if (slash != text.npos) {
    const std::string_view digits = std::string_view(text).substr(slash + 1);
    unsigned said = 0;
    const auto [end, trouble] =
        std::from_chars(digits.data(), digits.data() + digits.size(), said);
    if (trouble != std::errc() || end != digits.data() + digits.size() ||
        said > bits) {
      return std::nullopt;
    }
    bits = said;
  }
  const auto plain = PlainAddress(address);
  // Of ::ffff:192.0.2.0/120 the last 24 bits count.
  if (plain.is_v4() && address.is_v6()) {
    if (bits < 96) return std::nullopt;
    bits -= 96;
  }
  return AddressRange(plain, bits);
}

bool AddressRange::Contains(const boost::asio::ip::address& address) const {
  const auto plain = PlainAddress(address);
  if (plain.is_v4() != address_.is_v4()) return false;
  return plain.is_v4() ? AgreeIn(plain.to_v4().to_bytes(),
                                 address_.to_v4().to_bytes(), bits_)
                       : AgreeIn(plain.to_v6().to_bytes(),
                                 address_.to_v6().to_bytes(), bits_);
}

bool AddressRange::IsLoopback() const {
  constexpr unsigned kLoopbackBits = 8;  // 127.0.0.0/8
  return address_.is_loopback() &&
         bits_ >= (address_.is_v4() ? kLoopbackBits : 128);
}

boost::asio::ip::address AddressRange::Network() const {
  using boost::asio::ip::address_v4;
  using boost::asio::ip::address_v6;
  if (address_.is_v4()) {
    return address_v4(Beginning(address_.to_v4().to_bytes(), bits_));
  }
  const address_v6 address = address_.to_v6();
  return address_v6(Beginning(address.to_bytes(), bits_), address.scope_id());
}

std::string AddressRange::ToText() const {
  return Network().to_string() + "/" + std::to_string(bits_);
}

bool AnyContains(const std::vector<AddressRange>& ranges,
                 const boost::asio::ip::address& address) {
  return std::any_of(
      ranges.begin(), ranges.end(),
      [&](const AddressRange& range) { return range.Contains(address); });
}

}  // namespace interlink::daemon
