#include "federation/base/contact_template.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "federation/base/address.h"
#include "federation/base/ip_address.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kPlaceholder = "{number}";

// Excludes characters that need escaping or that mean something to a dial plan,
// where "&" and "/" begin a second call.
bool IsUserCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' ||
         c == '_';
}

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
}

// `text` is empty or begins with ";". Other parameters can lead a call to
// another host ("maddr") or make another request of it ("method").
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

}  // namespace

absl::Status CheckDestination(std::string_view destination) {
  const bool is_printable =
      std::all_of(destination.begin(), destination.end(),
                  [](char c) { return c > ' ' && c < 0x7f; });
  if (destination.size() > kMaxUriBytes || !is_printable) {
    return BadContact(
        "a destination has at most 255 printable characters without spaces, "
        "such as sip:reception@10.0.0.5");
  }
  const std::string_view scheme = destination.substr(0, destination.find(':'));
  if (destination != scheme && (scheme == "sip" || scheme == "sips") &&
      (destination.back() == ':' || destination.back() == '@')) {
    return BadContact("\"" + std::string(destination) +
                      "\" lacks its host; write a whole URI, such as "
                      "sip:reception@10.0.0.5, or nothing at all for a number "
                      "without a destination");
  }
  // This is neither a URI nor a dial plan's channel, such as PJSIP/201@trunk.
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
    return BadContact(
        "a contact begins with sip: or sips:, such as "
        "sip:{number}@pbx.example.net");
  }
  const size_t at = rest.find('@');
  const size_t gap = rest.find(kPlaceholder);
  if (gap == rest.npos || at == rest.npos || gap > at ||
      rest.find(kPlaceholder, gap + 1) != rest.npos) {
    return BadContact(
        "a contact has {number} exactly once, before the @, such as "
        "sip:{number}@pbx.example.net");
  }
  std::string user(rest.substr(0, at));
  user.erase(gap, kPlaceholder.size());
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
  auto place = SplitHostPort(rest.substr(0, semicolon));
  // A name without a dot is another machine in each network.
  if (!place || place->host.text().find_first_of("[.") == std::string::npos) {
    return BadContact(
        "after the @ a contact has an address, or a DNS name with a dot, and "
        "perhaps a port from 1 to 65535, such as pbx.example.net:5060");
  }
  const std::string& host = place->host.text();
  if (const auto why = WhyNobodyIsAt(host); !why.empty()) {
    return BadContact("at " + host + " nobody can be reached: it " +
                      std::string(why) +
                      "; name the host at which the PBX takes calls");
  }
  return ContactTemplate(text, std::move(place->host), place->port);
}

// By RFC 3261 (19.1.2, 18.1.1) the scheme and the transport choose one of the
// two ports. But this is to find out whether a call would come back to a PBX,
// which as a rule listens at both of them: if the account's own contact is
// sip:{number}@host, a peer's sips:{number}@host leads to the same PBX. Nor
// does the text decide: without a port, the records of the DNS may lead a sip
// URI to a port of TLS (RFC 3263 4.1), and so may the transport that a PBX is
// told to call out by.
bool ContactTemplate::HasPort(uint32_t port) const {
  return port_ == 0 ? port == 5060 || port == 5061 : port == port_;
}

bool ContactTemplate::LeadsWhere(const ContactTemplate& other) const {
  if (host_ != other.host_) return false;
  if (port_ == 0) return other.HasPort(5060) || other.HasPort(5061);
  return other.HasPort(port_);
}

std::string ContactTemplate::UriFor(std::string_view user) const {
  std::string uri = text_;
  uri.replace(uri.find(kPlaceholder), kPlaceholder.size(), user);
  const size_t parameters = uri.find(';');
  if (parameters == uri.npos) return uri;
  // Some dial plans know the parameters in lower case only.
  return uri.substr(0, parameters) + Lower(uri.substr(parameters));
}

absl::Status ContactTemplate::CheckHasRoomForToken() const {
  const std::string alone = text_.substr(0, text_.find(':') + 1) +
                            std::string(kPlaceholder) +
                            text_.substr(text_.find('@'));
  if (text_ == alone) return absl::OkStatus();
  return BadContact("\"" + text_ +
                    "\": calls need call tokens here, and a token takes the "
                    "place of the whole user part: write " +
                    alone + ", or set --call-admission to open");
}

std::string HostOf(std::string_view contact) {
  const auto parsed = ContactTemplate::Parse(contact);
  return parsed.ok() ? parsed->host().text() : "";
}

}  // namespace interlink::federation
