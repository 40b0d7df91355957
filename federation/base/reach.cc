#include "federation/base/reach.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_join.h"
#include "federation/base/contact_template.h"
#include "federation/base/host.h"
#include "federation/base/ip_address.h"

namespace interlink::federation {
namespace {

// Where something can be reached from.
enum class Reach { kAnywhere, kNetwork, kMachine };

struct Block {
  std::string_view first;  // All 4 bytes of its first address.
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
  const int first = static_cast<unsigned char>(address[0]);
  const int second = static_cast<unsigned char>(address[1]);
  const bool is_unique_local = (first & 0xfe) == 0xfc;  // RFC 4193.
  const bool is_link_local = first == 0xfe && (second & 0xc0) == 0x80;
  return is_unique_local || is_link_local ? Reach::kNetwork : Reach::kAnywhere;
}

Reach ReachOfName(std::string_view name) {
  if (name == "localhost" || name.ends_with(".localhost") ||
      name == "localhost.localdomain" || name == "localhost6.localdomain6") {
    return Reach::kMachine;
  }
  if (name.find('.') == name.npos) return Reach::kNetwork;
  for (const std::string_view end :
       {".local", ".localdomain", ".internal", ".lan", ".home.arpa"}) {
    if (name.ends_with(end)) return Reach::kNetwork;
  }
  return Reach::kAnywhere;
}

Reach ReachOf(const Host& host) {
  const auto bytes = AddressBytes(host.text());
  if (!bytes) return ReachOfName(host.text());
  return bytes->size() == 4 ? ReachOfIpv4(*bytes) : ReachOfIpv6(*bytes);
}

Reach ReachOfAddress(const std::string& address) {
  const auto host = Host::Parse(address.substr(0, address.rfind(':')));
  return host.ok() ? ReachOf(*host) : Reach::kAnywhere;
}

// The reach of the best address; nullopt if there is none.
std::optional<Reach> ReachOfAddresses(const AccountSettings& settings) {
  std::optional<Reach> best;
  for (const std::string& address : settings.addresses) {
    best = std::min(best.value_or(Reach::kMachine), ReachOfAddress(address));
  }
  return best;
}

// nullopt if a PBX cannot dial the contact.
std::optional<Reach> ReachOfContact(const std::string& contact) {
  const auto parsed = ContactTemplate::Parse(contact);
  if (parsed.ok()) return ReachOf(parsed->host());
  // Not a valid contact, but what is derived from an address at localhost.
  return contact.ends_with("@localhost") ? std::optional(Reach::kMachine)
                                         : std::nullopt;
}

// Who can reach `what`.
std::string Who(Reach reach, const std::string& what) {
  return (reach == Reach::kMachine ? "nobody beyond this machine can reach "
                                   : "only this network can reach ") +
         what;
}

std::string AddressesToReach(const AccountSettings& settings) {
  return absl::StrJoin(settings.addresses, ", ") + ", which is in every key";
}

std::string ContactToReach(const AccountSettings& settings) {
  return "the contact \"" + settings.contact + "\"";
}

constexpr char kWhatItIsFor[] = ", where other accounts' PBXs send calls";
constexpr char kSetAddress[] =
    "set --advertise to the host and port at which other accounts' daemons "
    "reach this one";
constexpr char kSetContact[] =
    "set --contact to a SIP URI with {number} at a host that other accounts' "
    "PBXs can reach";

}  // namespace

bool IsOnSameMachine(const Host& host) {
  return ReachOf(host) == Reach::kMachine;
}

std::vector<std::string> ReachWarnings(const AccountSettings& settings) {
  const auto addresses = ReachOfAddresses(settings);
  if (addresses == Reach::kMachine &&
      ReachOfContact(settings.contact) == Reach::kMachine) {
    return {Who(Reach::kMachine, AddressesToReach(settings)) + ", nor " +
            ContactToReach(settings) + kWhatItIsFor + ": " + kSetAddress +
            ", and " + kSetContact};
  }
  std::vector<std::string> warnings;
  if (addresses && *addresses != Reach::kAnywhere) {
    warnings.push_back(Who(*addresses, AddressesToReach(settings)) + ": " +
                       kSetAddress);
  }
  for (std::string& warning : ContactWarnings(settings)) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

std::vector<std::string> ContactWarnings(const AccountSettings& settings) {
  const auto reach = ReachOfContact(settings.contact);
  if (!reach) {
    return {"no other account's PBX can dial " + ContactToReach(settings) +
            ": " + kSetContact};
  }
  if (*reach == Reach::kAnywhere) return {};
  return {Who(*reach, ContactToReach(settings)) + kWhatItIsFor + ": " +
          kSetContact};
}

}  // namespace interlink::federation
