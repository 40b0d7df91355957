#include "federation/base/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "federation/base/ip_address.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kPlaceholder = "{number}";

// Takes the first character off `text`; nullopt if it is not valid UTF-8.
std::optional<uint32_t> TakeCharacter(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  size_t size = 1;
  uint32_t character = byte(0);
  uint32_t least = 0;
  if (character >= 0xf0 && character < 0xf8) {
    size = 4, character &= 0x07, least = 0x10000;
  } else if (character >= 0xe0 && character < 0xf0) {
    size = 3, character &= 0x0f, least = 0x800;
  } else if (character >= 0xc0 && character < 0xe0) {
    size = 2, character &= 0x1f, least = 0x80;
  } else if (character >= 0x80) {
    return std::nullopt;
  }
  if (text.size() < size) return std::nullopt;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3f);
  }
  const bool is_surrogate = character >= 0xd800 && character < 0xe000;
  if (character < least || is_surrogate || character > 0x10ffff) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return character;
}

// Characters that change how the text around them is shown.
bool IsControl(uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         character == 0x061c || character == 0x2028 || character == 0x2029 ||
         character == 0x200e || character == 0x200f ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool IsSpace(uint32_t character) {
  return character == ' ' ||
         utf8proc_category(static_cast<utf8proc_int32_t>(character)) ==
             UTF8PROC_CATEGORY_ZS;
}

// Whether it leaves something to be seen by itself: not a space, a joiner, an
// accent without its letter, nor the two that are drawn as nothing.
bool IsVisible(uint32_t character) {
  constexpr uint32_t kBrailleBlank = 0x2800;
  const auto code = static_cast<utf8proc_int32_t>(character);
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return !utf8proc_get_property(code)->ignorable &&
             character != kBrailleBlank;
  }
}

// `text` without white space around it, and with one space for any within;
// nullopt if it is not UTF-8 or has control characters. Reads no more than
// makes clear that the text is longer than `most` characters.
std::optional<std::string> WithSingleSpaces(std::string_view text,
                                            size_t most) {
  text = Trimmed(text);
  std::string single;
  bool is_after_space = true;
  size_t characters = 0;
  while (!text.empty() && characters <= most) {
    const std::string_view before = text;
    const auto character = TakeCharacter(text);
    if (!character || IsControl(*character)) return std::nullopt;
    const bool is_space = IsSpace(*character);
    if (is_space && is_after_space) continue;
    is_after_space = is_space;
    ++characters;
    single += is_space ? std::string_view(" ")
                       : before.substr(0, before.size() - text.size());
  }
  if (single.ends_with(' ')) single.pop_back();
  return single;
}

size_t CharactersIn(std::string_view text) {
  size_t characters = 0;
  while (!text.empty() && TakeCharacter(text)) ++characters;
  return characters;
}

bool ShowsSomething(std::string_view text) {
  while (!text.empty()) {
    const auto character = TakeCharacter(text);
    if (character && IsVisible(*character)) return true;
    if (!character) return false;
  }
  return false;
}

// 0 if `text` is no port.
uint32_t PortIn(std::string_view text) {
  uint32_t port = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_port =
      error == std::errc() && end == text.data() + text.size() && port <= 65535;
  return is_port ? port : 0;
}

// Splits "host", "host:port" or "[v6]:port"; the port is empty if there is
// none. nullopt if neither host nor port can be.
std::optional<Host> SplitHostPort(std::string_view text,
                                  std::string_view& port) {
  const size_t bracket = text.find(']');
  const size_t colon =
      text.find(':', bracket == text.npos ? size_t{0} : bracket);
  port = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  auto host = Host::Parse(text.substr(0, colon));
  if (!host.ok() || (colon != text.npos && PortIn(port) == 0))
    return std::nullopt;
  return *std::move(host);
}

// Neither what needs escaping nor what means something to a dial plan: "&" and
// "/" begin a second call there.
bool IsUserCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' ||
         c == '_';
}

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
}

// `text` is empty or begins with ";". Others than these can lead a call to
// another host ("maddr"), or make another request of it ("method").
bool HasOnlyGoodParameters(std::string_view text) {
  std::string names;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string parameter = Lower(text.substr(0, text.find(';')));
    text.remove_prefix(parameter.size());
    const std::string name = parameter.substr(0, parameter.find('='));
    const bool is_good = parameter == "lr" || parameter == "user=phone" ||
                         parameter == "transport=udp" ||
                         parameter == "transport=tcp" ||
                         parameter == "transport=tls";
    if (!is_good || names.find(";" + name) != names.npos) return false;
    names += ";" + name;
  }
  return true;
}

absl::Status BadContact(std::string_view sentence) {
  return Refusal(Reason::kContactInvalid, sentence);
}

// What a peer says, without what would change how the text around it is shown.
std::string Shown(std::string said, size_t most) {
  // Most are plain.
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  if (!said.empty() && said.size() <= most && is_plain(said.front()) &&
      is_plain(said.back()) &&
      std::all_of(said.begin(), said.end(),
                  [&](char c) { return c == ' ' || is_plain(c); })) {
    return said;
  }
  std::string_view text = said;
  std::string shown;
  size_t characters = 0;
  while (!text.empty() && characters < most) {
    const std::string_view before = text;
    const auto character = TakeCharacter(text);
    if (!character) {
      text.remove_prefix(1);
      continue;
    }
    if (IsControl(*character)) continue;
    shown += before.substr(0, before.size() - text.size());
    ++characters;
  }
  return std::string(Trimmed(shown));
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeCharacter(text)) return false;
  }
  return true;
}

absl::StatusOr<std::string> ParseName(std::string_view text,
                                      std::string_view what) {
  const auto refused = [&](std::string_view why) {
    return Refusal(Reason::kNameInvalid,
                   std::string(what) + " " + std::string(why));
  };
  auto name = WithSingleSpaces(text, kMaxNameCharacters);
  if (!name) return refused("must be UTF-8 text without control characters");
  if (name->find("ilk1_") != std::string::npos) {
    return refused(
        "has an authorization key in it, which is a secret; give the name "
        "where the name belongs, and the key where the key belongs");
  }
  const size_t characters = CharactersIn(*name);
  if (characters == 0 || characters > kMaxNameCharacters) {
    return refused("must have 1 to 64 characters");
  }
  if (!ShowsSomething(*name)) {
    return refused("shows nothing; it needs a letter, a digit or a sign");
  }
  return *std::move(name);
}

std::string FoldedName(std::string_view name) {
  const std::string text =
      WithSingleSpaces(name, name.size()).value_or(std::string(name));
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const auto size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(
      mapped, &std::free);
  if (size < 0) return text;  // Not UTF-8, as no name is.
  return std::string(reinterpret_cast<const char*>(mapped),
                     static_cast<size_t>(size));
}

std::string ShownName(std::string said) {
  return Shown(std::move(said), kMaxNameCharacters);
}

std::string ShownSentence(std::string said) {
  return Shown(std::move(said), kMaxSentenceCharacters);
}

absl::StatusOr<store::InternalNumber> ParseNumber(std::string_view text) {
  constexpr size_t kMostShown = 24;  // Enough to find it; a key has more.
  const auto number = store::InternalNumber::Parse(text);
  if (!number) {
    return Refusal(Reason::kNumberInvalid,
                   "a number has 1 to 15 digits and nothing else; this is \"" +
                       ShownName(std::string(text.substr(0, kMostShown))) +
                       "\"");
  }
  return *number;
}

absl::Status CheckAddress(std::string_view address) {
  std::string_view port;
  if (address.size() > kMaxAddressBytes || !SplitHostPort(address, port) ||
      port.empty()) {
    return Refusal(Reason::kRequestInvalid,
                   "an address is HOST:PORT, such as pbx.example.net:7443 or "
                   "[2001:db8::1]:7443");
  }
  return absl::OkStatus();
}

absl::Status CheckPeerAddress(std::string_view address) {
  if (auto status = CheckAddress(address); !status.ok()) return status;
  std::string_view port;
  const auto host = SplitHostPort(address, port);
  if (const auto why = WhyNobodyIsAt(host->text()); !why.empty()) {
    return Refusal(Reason::kRequestInvalid,
                   std::string(address) + " " + std::string(why) +
                       ", and nobody can be reached at it; name another");
  }
  return absl::OkStatus();
}

bool IsSameAddress(std::string_view one, std::string_view two) {
  std::string_view port_of_one;
  std::string_view port_of_two;
  const auto host_of_one = SplitHostPort(one, port_of_one);
  const auto host_of_two = SplitHostPort(two, port_of_two);
  return host_of_one && host_of_one == host_of_two &&
         PortIn(port_of_one) == PortIn(port_of_two);
}

absl::Status CheckDestination(std::string_view destination) {
  const bool is_printable =
      std::all_of(destination.begin(), destination.end(),
                  [](char c) { return c > ' ' && c < 0x7f; });
  if (destination.size() > kMaxUriBytes || !is_printable) {
    return BadContact(
        "a destination has at most 255 printable characters without spaces, "
        "such as sip:reception@10.0.0.5");
  }
  // Neither a URI nor what a dial plan calls, such as PJSIP/201@trunk.
  const size_t at = destination.find('@');
  if (at != std::string_view::npos &&
      destination.substr(0, at).find_first_of(":/") == std::string_view::npos) {
    return BadContact(
        "\"" + std::string(destination) +
        "\" lacks its scheme; write sip:" + std::string(destination));
  }
  return absl::OkStatus();
}

absl::StatusOr<ContactTemplate> ContactTemplate::Parse(std::string_view text) {
  if (text.size() > kMaxUriBytes) {
    return BadContact("a contact has at most 255 bytes");
  }
  std::string_view rest = text;
  if (rest.substr(0, 4) == "sip:") {
    rest.remove_prefix(4);
  } else if (rest.substr(0, 5) == "sips:") {
    rest.remove_prefix(5);
  } else {
    return BadContact("a contact begins with sip: or sips:");
  }
  const size_t at = rest.find('@');
  const size_t place = rest.find(kPlaceholder);
  if (place == std::string_view::npos || at == std::string_view::npos ||
      place > at || rest.find(kPlaceholder, place + 1) != rest.npos) {
    return BadContact(
        "a contact has {number} exactly once, before the @, such as "
        "sip:{number}@pbx.example.net");
  }
  std::string user(rest.substr(0, at));
  user.erase(place, kPlaceholder.size());
  if (!std::all_of(user.begin(), user.end(), IsUserCharacter)) {
    return BadContact(
        "beside {number} the user part of a contact has only letters, digits, "
        "\".\", \"-\" and \"_\": a dial plan may read anything else as a "
        "second call");
  }
  rest.remove_prefix(at + 1);
  if (rest.find('?') != rest.npos) {
    return BadContact("a contact has no headers, so no \"?\"");
  }
  const size_t semicolon = rest.find(';');
  if (semicolon != rest.npos &&
      !HasOnlyGoodParameters(rest.substr(semicolon))) {
    return BadContact(
        "the only parameters of a contact are ;transport=udp, tcp or tls, "
        ";user=phone and ;lr, each once: others can lead a call elsewhere");
  }
  std::string_view port;
  auto host = SplitHostPort(rest.substr(0, semicolon), port);
  // A name without a dot is another machine in each network.
  if (!host || host->text().find_first_of("[.") == std::string::npos) {
    return BadContact(
        "after the @ a contact has an address, or a DNS name with a dot, and "
        "perhaps a port from 1 to 65535, such as pbx.example.net:5060");
  }
  if (const auto why = WhyNobodyIsAt(host->text()); !why.empty()) {
    return BadContact("at " + host->text() + " nobody can be reached: it " +
                      std::string(why) +
                      "; name the host at which the PBX takes calls");
  }
  return ContactTemplate(text, *std::move(host), port);
}

bool ContactTemplate::HasPort(std::string_view port) const {
  if (port_.empty()) return port == "5060" || port == "5061";
  return std::string_view(port_).substr(port_.find_first_not_of('0')) == port;
}

bool ContactTemplate::LeadsWhere(const ContactTemplate& other) const {
  if (host_ != other.host_) return false;
  if (port_.empty()) return other.HasPort("5060") || other.HasPort("5061");
  return other.HasPort(
      std::string_view(port_).substr(port_.find_first_not_of('0')));
}

std::string ContactTemplate::UriFor(store::InternalNumber number) const {
  std::string uri = text_;
  return uri.replace(uri.find(kPlaceholder), kPlaceholder.size(),
                     number.ToString());
}

}  // namespace interlink::federation
