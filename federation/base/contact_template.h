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
  ContactTemplate(std::string_view text, Host host, uint32_t port)
      : text_(text), host_(std::move(host)), port_(port) {}
  bool HasPort(uint32_t port) const;

  std::string text_;
  Host host_;
  uint32_t port_;  // 0 if there is none.
};

}  // namespace interlink::federation
