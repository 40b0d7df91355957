#include "federation/base/ip_address.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <memory>

namespace interlink::federation {
namespace {

// Before an IPv4 address in the guise of an IPv6 one.
constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

}  // namespace

std::optional<std::string> Ipv6Bytes(std::string_view text) {
  constexpr size_t kMaxBytes = 45;  // With an IPv4 address at its end.
  if (text.size() > kMaxBytes || text.find(':') == text.npos ||
      text.find_first_not_of("0123456789abcdefABCDEF:.") != text.npos) {
    return std::nullopt;
  }
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)>
      address(a2i_IPADDRESS(std::string(text).c_str()),
              &ASN1_OCTET_STRING_free);
  if (address == nullptr) return std::nullopt;
  return std::string(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(address.get())),
      static_cast<size_t>(ASN1_STRING_length(address.get())));
}

bool IsIpv4(std::string_view text) {
  int parts = 0;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    int value = 0;
    const auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), value);
    const bool is_number =
        !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
          return std::isdigit(static_cast<unsigned char>(c));
        });
    // 010 is eight to some and ten to others.
    const bool is_plain = part.size() == 1 || part.substr(0, 1) != "0";
    if (!is_number || !is_plain || error != std::errc() || value > 255) {
      return false;
    }
    if (++parts == 4) return part.size() == text.size();
    if (part.size() == text.size()) return false;
    text.remove_prefix(part.size() + 1);
  }
}

std::string_view WhyNobodyIsAt(std::string_view host) {
  constexpr std::string_view kAll = "stands for all addresses of a machine";
  constexpr std::string_view kMulticast = "is a multicast address";
  constexpr std::string_view kReserved = "is a reserved address";
  std::optional<int> first;  // Byte of an IPv4 address.
  if (host.starts_with('[')) {
    const auto bytes = Ipv6Bytes(host.substr(1, host.size() - 2));
    if (!bytes) return {};
    if (bytes->find_first_not_of('\0') == bytes->npos) return kAll;
    if (static_cast<uint8_t>(bytes->front()) == 0xff) return kMulticast;
  } else if (IsIpv4(host)) {
    first = std::stoi(std::string(host));  // Up to the dot.
  }
  if (!first) return {};
  if (host == "0.0.0.0") return kAll;
  if (*first >= 224 && *first < 240) return kMulticast;  // RFC 1112.
  // "This network" (RFC 1122), and those of old class E with the broadcast.
  return *first == 0 || *first >= 240 ? kReserved : std::string_view();
}

std::string NetworkOf(std::string_view source) {
  constexpr size_t kNetworkBytes = 8;
  std::string_view host = source.substr(0, source.rfind(':'));
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') {
    return std::string(host);
  }
  host = host.substr(1, host.size() - 2);
  const auto bytes = Ipv6Bytes(host.substr(0, host.find('%')));
  if (!bytes) return std::string(host);
  // An IPv4 address in the guise of an IPv6 one, which all share a network.
  if (bytes->compare(0, kMapped.size(), kMapped) == 0) return *bytes;
  return bytes->substr(0, kNetworkBytes);
}

}  // namespace interlink::federation
