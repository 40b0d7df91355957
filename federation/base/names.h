#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/host.h"
#include "store/internal_number.h"

// What people and peers may type: every rule about text that comes in.
namespace interlink::federation {

inline constexpr size_t kMaxNameCharacters = 64;
inline constexpr size_t kMaxSentenceCharacters = 512;
inline constexpr size_t kMaxUriBytes = 255;
inline constexpr size_t kMaxAddressBytes = 261;  // A DNS name and a port.
inline constexpr size_t kMaxPeerAddresses = 4;

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text);

// `text` without surrounding white space, and with one space for any within;
// NAME_INVALID unless it is then 1 to 64 characters of valid UTF-8, without
// control characters, of which something can be seen. `what` begins the
// sentence, such as "the name of an interlink".
absl::StatusOr<std::string> ParseName(std::string_view text,
                                      std::string_view what);

// What is the same of two names that people would take for one: they differ in
// case, in spaces, in how an accent is written, or in what cannot be seen.
std::string FoldedName(std::string_view name);

// What a peer calls itself or its number, made fit to be shown: control
// characters and damaged UTF-8 are dropped, the rest cut at 64 characters.
std::string ShownName(std::string text);
// The same for what a peer says in a sentence, which may be longer.
std::string ShownSentence(std::string text);

// NUMBER_INVALID unless 1 to 15 digits.
absl::StatusOr<store::InternalNumber> ParseNumber(std::string_view text);

// OK for "host:port" with a DNS name, an IPv4 or a bracketed IPv6 address and a
// port from 1 to 65535; else REQUEST_INVALID.
absl::Status CheckAddress(std::string_view address);
// The same for an address at which a daemon is to be reached, which 0.0.0.0 and
// [::] are not.
absl::Status CheckPeerAddress(std::string_view address);
// Whether two good addresses are one, in whatever way each is written.
bool IsSameAddress(std::string_view one, std::string_view two);

// OK for the destination of a local number: at most 255 bytes of printable
// ASCII without spaces, and not user@host without its scheme; empty is none.
// Else CONTACT_INVALID.
absl::Status CheckDestination(std::string_view destination);

// A template such as "sip:{number}@pbx.example.net:5060;transport=tls"
// (design.md section 9). A dial plan uses the URIs made of it as they are, so
// nothing is in it that could make a second call, or lead the call elsewhere:
// sip or sips, exactly one {number}, in the user part, with letters, digits,
// ".", "-" and "_" around it; a host that means the same everywhere; of the
// parameters only transport=udp|tcp|tls, user=phone and lr; no headers; at most
// 255 bytes.
class ContactTemplate {
 public:
  // CONTACT_INVALID, saying which rule is broken.
  static absl::StatusOr<ContactTemplate> Parse(std::string_view text);

  std::string UriFor(store::InternalNumber number) const;
  const Host& host() const { return host_; }
  const std::string& text() const { return text_; }
  // Whether both lead to the same host and port, as far as their texts tell.
  // One without a port leads to the ports of SIP and of SIP over TLS.
  bool LeadsWhere(const ContactTemplate& other) const;

 private:
  ContactTemplate(std::string_view text, Host host, std::string_view port)
      : text_(text), host_(std::move(host)), port_(port) {}
  bool HasPort(std::string_view port) const;

  std::string text_;
  Host host_;
  std::string port_;  // Empty if there is none.
};

}  // namespace interlink::federation
