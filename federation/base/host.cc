#include "federation/base/host.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "federation/base/ip_address.h"

namespace interlink::federation {
namespace {

constexpr size_t kMaxHostBytes = 253;

using Groups = std::array<uint16_t, 8>;  // Of an IPv6 address.

bool IsDnsName(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  size_t label = 0;
  char last = '.';
  for (char c : host) {
    if (c == '.') {
      if (label == 0 || last == '-') return false;
      label = 0;
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
               (c == '-' && label > 0)) {
      if (++label > 63) return false;
    } else {
      return false;
    }
    last = c;
  }
  return last != '-' && last != '.';
}

// Whether the last label of a name is a number, as WHATWG's URL standard
// defines it: resolvers may read "127.1", "0x7f.1" or "010.1.1.1" as an
// address, and not all as the same one.
bool EndsInNumber(std::string_view host) {
  std::string_view last = host.substr(host.rfind('.') + 1);  // Or all of it.
  const char* digits = "0123456789";
  if (last.starts_with("0x") || last.starts_with("0X")) {
    last.remove_prefix(2);
    digits = "0123456789abcdefABCDEF";
  }
  return last.find_first_not_of(digits) == last.npos;
}

std::optional<Groups> ParseIpv6(std::string_view host) {
  const auto bytes = Ipv6Bytes(host);
  Groups groups;
  if (!bytes || bytes->size() != 2 * groups.size()) return std::nullopt;
  for (size_t i = 0; i < groups.size(); ++i) {
    groups[i] =
        static_cast<uint16_t>(static_cast<uint8_t>((*bytes)[2 * i]) << 8 |
                              static_cast<uint8_t>((*bytes)[2 * i + 1]));
  }
  return groups;
}

// RFC 5952: the longest run of zeros, the first of several, is "::"; a single
// zero is not shortened. An IPv4 address that is mapped into IPv6 is written as
// the IPv4 address: a socket leads to the same place by either.
std::string TextOf(const Groups& groups) {
  constexpr Groups kMapped{0, 0, 0, 0, 0, 0xffff};
  if (std::equal(groups.begin(), groups.begin() + 6, kMapped.begin())) {
    return absl::StrCat(groups[6] >> 8, ".", groups[6] & 255, ".",
                        groups[7] >> 8, ".", groups[7] & 255);
  }
  size_t gap = groups.size();
  size_t gap_size = 1;
  for (size_t i = 0; i < groups.size(); ++i) {
    size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
  }
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i == gap) {
      text += "::";
      i += gap_size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    absl::StrAppend(&text, absl::Hex(groups[i]));
  }
  return "[" + text + "]";
}

// Why `text` is no host, for what people write instead of one.
std::string WhyNot(std::string_view text) {
  const auto has = [text](std::string_view part) {
    return text.find(part) != text.npos;
  };
  if (text.empty()) return "it is empty";
  if (has(" ") || has("\t")) return "it has a space in it";
  if (has("*")) return "it has a star in it; name each host";
  if (has("://") || text.starts_with("sip:") || text.starts_with("sips:")) {
    return "it is a URI; write only its host";
  }
  if (has("/")) return "it has a slash in it; write only the host";
  if (has("@")) return "it has a user in it; write only what follows the @";
  if (has("]:")) return "it has a port; write only the host";
  if (text.front() == '[') return "it is no IPv6 address";
  if (ParseIpv6(text)) return "an IPv6 address stands in brackets";
  if (has(":")) return "it has a port; write only the host";
  if (text.back() == '.') return "it ends in a dot";
  if (IsDnsName(text)) {
    return "it ends in a number and is no IPv4 address, which is four numbers "
           "up to 255 without zeros before them";
  }
  return "it is neither a DNS name nor an address";
}

}  // namespace

absl::StatusOr<Host> Host::Parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const auto groups = ParseIpv6(text.substr(1, text.size() - 2));
    if (groups) return Host(TextOf(*groups));
  } else if (IsDnsName(text) && (Ipv4Bytes(text) || !EndsInNumber(text))) {
    return Host(
        absl::AsciiStrToLower(absl::string_view(text.data(), text.size())));
  }
  return absl::InvalidArgumentError(WhyNot(text));
}

bool Host::IsUnspecified() const {
  return text_ == "0.0.0.0" || text_ == "[::]";
}

}  // namespace interlink::federation
