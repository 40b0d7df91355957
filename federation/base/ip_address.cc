#include "federation/base/ip_address.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <charconv>
#include <cstdint>

#include "federation/base/openssl.h"

namespace interlink::federation {
namespace {

// Stands before an IPv4 address that is written as an IPv6 address.
constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

std::string Ipv4Text(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text +=
        (text.empty() ? "" : ".") + std::to_string(static_cast<uint8_t>(byte));
  }
  return text;
}

}  // namespace

std::optional<std::string> Ipv4Bytes(std::string_view text) {
  std::string bytes;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    uint8_t value = 0;
    const auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), value);
    // 010 is eight to some and ten to others.
    const bool is_plain = part.size() == 1 || !part.starts_with('0');
    if (error != std::errc() || end != part.data() + part.size() || !is_plain) {
      return std::nullopt;
    }
    bytes += static_cast<char>(value);
    const bool is_last = part.size() == text.size();
    if (is_last || bytes.size() == 4) {
      return is_last && bytes.size() == 4 ? std::optional(bytes) : std::nullopt;
    }
    text.remove_prefix(part.size() + 1);
  }
}

std::optional<std::string> Ipv6Bytes(std::string_view text) {
  constexpr size_t kMaxBytes = 45;  // With an IPv4 address at its end.
  if (text.size() > kMaxBytes || text.find(':') == text.npos ||
      text.find_first_not_of("0123456789abcdefABCDEF:.") != text.npos) {
    return std::nullopt;
  }
  const OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address(
      a2i_IPADDRESS(std::string(text).c_str()));
  if (address == nullptr) return std::nullopt;
  return std::string(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(address.get())),
      static_cast<size_t>(ASN1_STRING_length(address.get())));
}

std::optional<std::string> AddressBytes(std::string_view host) {
  if (!host.starts_with('[')) return Ipv4Bytes(host);
  return Ipv6Bytes(host.substr(1, host.size() - 2));
}

std::string_view WhyNobodyIsAt(std::string_view host) {
  const auto bytes = AddressBytes(host);
  if (!bytes) return {};
  if (bytes->find_first_not_of('\0') == bytes->npos) {
    return "stands for all addresses of a machine";
  }
  constexpr std::string_view kMulticast = "is a multicast address";
  const auto first = static_cast<uint8_t>(bytes->front());
  if (bytes->size() == 16) return first == 0xff ? kMulticast : "";
  if (first >= 224 && first < 240) return kMulticast;  // RFC 1112.
  // "This network" (RFC 1122), and the old class E with the broadcast.
  return first == 0 || first >= 240 ? "is a reserved address" : "";
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
  if (bytes->starts_with(kMapped)) {
    return Ipv4Text(bytes->substr(kMapped.size()));
  }
  return bytes->substr(0, kNetworkBytes);
}

}  // namespace interlink::federation
