#include "daemon/peer/accept/proxy_header.h"

#include <algorithm>
#include <cstdint>

namespace interlink::daemon::proxy_header {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr uint8_t kVersion = 2;
constexpr uint8_t kLocal = 0;
constexpr uint8_t kProxy = 1;
constexpr uint8_t kTcpOverIpv4 = 0x11;
constexpr uint8_t kTcpOverIpv6 = 0x21;

uint8_t Byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

uint16_t Short(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(Byte(bytes, at) << 8 | Byte(bytes, at + 1));
}

// Both addresses come first, and then both ports.
template <class Address>
absl::StatusOr<std::optional<tcp::endpoint>> Endpoint(
    std::string_view following) {
  typename Address::bytes_type bytes;
  if (following.size() < 2 * bytes.size() + 4) {
    return absl::InvalidArgumentError("its addresses are cut off");
  }
  std::copy_n(following.begin(), bytes.size(), bytes.begin());
  return tcp::endpoint(Address(bytes), Short(following, 2 * bytes.size()));
}

}  // namespace

absl::StatusOr<size_t> FollowingSize(std::string_view fixed) {
  if (fixed.size() != kFixedSize || !fixed.starts_with(kSignature)) {
    return absl::InvalidArgumentError("it does not begin as a header does");
  }
  if (Byte(fixed, 12) >> 4 != kVersion) {
    return absl::InvalidArgumentError("it is of another version than 2");
  }
  const size_t size = Short(fixed, 14);
  if (size > kMostFollowing) {
    return absl::InvalidArgumentError(
        "it has more than " + std::to_string(kMostFollowing) + " bytes");
  }
  return size;
}

absl::StatusOr<std::optional<tcp::endpoint>> Source(
    std::string_view fixed, std::string_view following) {
  const uint8_t command = Byte(fixed, 12) & 0xF;
  if (command == kLocal) return std::nullopt;
  if (command != kProxy) {
    return absl::InvalidArgumentError("its command is not known");
  }
  switch (Byte(fixed, 13)) {
    case kTcpOverIpv4:
      return Endpoint<boost::asio::ip::address_v4>(following);
    case kTcpOverIpv6:
      return Endpoint<boost::asio::ip::address_v6>(following);
    default:
      return std::nullopt;
  }
}

}  // namespace interlink::daemon::proxy_header
