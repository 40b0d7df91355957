#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/host.h"
#include "store/internal_number.h"

namespace interlink::federation {

inline constexpr size_t kMaxUriBytes = 255;

// CONTACT_INVALID unless `destination`, where the PBX sends calls for a local
// number, is at most 255 bytes of printable ASCII without spaces. user@host
// needs its scheme. Empty means that there is none.
absl::Status CheckDestination(std::string_view destination);

// A template such as "sip:{number}@pbx.example.net:5060;transport=tls"
// (design.md section 9). A dial plan uses the URIs made from it as they are, so
// nothing in it may make a second call or lead the call elsewhere:
// - the scheme is sip or sips;
// - the user part has {number} exactly once, and beside it only letters,
//   digits, ".", "-" and "_";
// - the host means the same everywhere;
// - the parameters are transport=udp|tcp|tls, user=phone and lr, each once;
// - there are no headers, and at most 255 bytes.
class ContactTemplate {
 public:
  // Errors: CONTACT_INVALID, with the rule that `text` breaks.
  static absl::StatusOr<ContactTemplate> Parse(std::string_view text);

  // `user` stands in the place of {number}: the number, or a call token.
  std::string UriFor(std::string_view user) const;
  // CONTACT_INVALID if other text stands around {number}: then a call token has
  // no room in the user part.
  absl::Status CheckHasRoomForToken() const;
  const Host& host() const { return host_; }
  const std::string& text() const { return text_; }
  // Whether both lead to the same host and port, as far as their texts tell. A
  // template without a port leads to the ports of SIP and of SIP over TLS.
  bool LeadsWhere(const ContactTemplate& other) const;
  // Whether it leads to this port, as far as its text tells.
  bool HasPort(uint32_t port) const;

 private:
  ContactTemplate(std::string_view text, Host host, uint32_t port)
      : text_(text), host_(std::move(host)), port_(port) {}

  std::string text_;
  Host host_;
  uint32_t port_;  // 0 if there is none.
};

// The host that a contact leads to; empty if it breaks a rule.
std::string HostOf(std::string_view contact);

}  // namespace interlink::federation
