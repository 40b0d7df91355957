#include "federation/reach.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "federation/host.h"
#include "federation/ip_address.h"
#include "federation/names.h"

namespace interlink::federation {
namespace {

// From where something can be reached.
enum class Reach { kAnywhere, kNetwork, kMachine };

struct Block {
  std::string_view first;  // Its first address, all 4 or 16 bytes of it.
  int bits;
  Reach reach;
};

using std::string_view_literals::operator""sv;

constexpr Block kIpv4Blocks[] = {
    {"\x7f\0\0\0"sv, 8, Reach::kMachine},  // Loopback.
    {"\x0a\0\0\0"sv, 8, Reach::kNetwork},  // RFC 1918.
    {"\xac\x10\0\0"sv, 12, Reach::kNetwork},
    {"\xc0\xa8\0\0"sv, 16, Reach::kNetwork},
    {"\x64\x40\0\0"sv, 10, Reach::kNetwork},   // RFC 6598, of providers.
    {"\xa9\xfe\0\0"sv, 16, Reach::kNetwork}};  // Link-local.
constexpr std::string_view kIpv6Loopback =
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv;
constexpr std::string_view kIpv4Mapped = "\0\0\0\0\0\0\0\0\0\0\xff\xff"sv;

bool Begins(std::string_view address, const Block& block) {
  for (int bit = 0; bit < block.bits; ++bit) {
    const auto at = static_cast<size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((address[at] & mask) != (block.first[at] & mask)) return false;
  }
  return true;
}

Reach ReachOfIpv4(std::string_view address) {
  for (const Block& block : kIpv4Blocks) {
    if (Begins(address, block)) return block.reach;
  }
  return Reach::kAnywhere;
}

Reach ReachOfIpv6(std::string_view address) {
  if (address == kIpv6Loopback) return Reach::kMachine;
  if (address.starts_with(kIpv4Mapped)) {
    return ReachOfIpv4(address.substr(kIpv4Mapped.size()));
  }
  const int first = static_cast<unsigned char>(address[0]);
  const int second = static_cast<unsigned char>(address[1]);
  const bool is_unique_local = (first & 0xfe) == 0xfc;  // RFC 4193.
  const bool is_link_local = first == 0xfe && (second & 0xc0) == 0x80;
  return is_unique_local || is_link_local ? Reach::kNetwork : Reach::kAnywhere;
}

Reach ReachOfName(std::string_view name) {
  if (name == "localhost" || name.ends_with(".localhost")) {
    return Reach::kMachine;
  }
  if (name.find('.') == name.npos) return Reach::kNetwork;
  for (const std::string_view end :
       {".local", ".localdomain", ".internal", ".lan", ".home.arpa"}) {
    if (name.ends_with(end)) return Reach::kNetwork;
  }
  return Reach::kAnywhere;
}

std::string Ipv4Bytes(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('.'));
    bytes += static_cast<char>(std::stoi(std::string(part)));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return bytes;
}

Reach ReachOf(const Host& host) {
  const std::string_view text = host.text();
  if (text.front() == '[') {
    const auto bytes = Ipv6Bytes(text.substr(1, text.size() - 2));
    return bytes ? ReachOfIpv6(*bytes) : Reach::kAnywhere;
  }
  return IsIpv4(text) ? ReachOfIpv4(Ipv4Bytes(text)) : ReachOfName(text);
}

Reach ReachOfAddress(const std::string& address) {
  const auto host = Host::Parse(address.substr(0, address.rfind(':')));
  return host.ok() ? ReachOf(*host) : Reach::kAnywhere;
}

// Who can reach `what`.
std::string Who(Reach reach, const std::string& what) {
  return (reach == Reach::kMachine ? "nobody beyond this machine can reach "
                                   : "only this network can reach ") +
         what;
}

}  // namespace

std::vector<std::string> ReachWarnings(const AccountSettings& settings) {
  std::vector<std::string> warnings;
  std::string all;
  std::optional<Reach> best;
  for (const std::string& address : settings.addresses) {
    all += (all.empty() ? "" : ", ") + address;
    best = std::min(best.value_or(Reach::kMachine), ReachOfAddress(address));
  }
  if (best && *best != Reach::kAnywhere) {
    warnings.push_back(Who(*best, all) +
                       ", which is in every key: set --advertise to the host "
                       "and port at which other accounts' daemons reach this "
                       "one");
  }
  constexpr std::string_view kSetContact =
      ": set --contact to a SIP URI with {number} at a host that they can "
      "reach";
  const std::string contact = "\"" + settings.contact + "\"";
  const auto parsed = ContactTemplate::Parse(settings.contact);
  if (!parsed.ok()) {
    warnings.push_back("no other account's PBX can dial the contact " +
                       contact + std::string(kSetContact));
  } else if (const Reach reach = ReachOf(parsed->host());
             reach != Reach::kAnywhere) {
    warnings.push_back(Who(reach, "the contact " + contact) +
                       ", where other accounts' PBXs send calls" +
                       std::string(kSetContact));
  }
  return warnings;
}

}  // namespace interlink::federation
