#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace interlink::federation {

// The host of an address, of a contact or of an allow-list: a DNS name, an IPv4
// address, or an IPv6 address in brackets. Two are equal if they are written
// the same but for capitals and, in IPv6, for zeros; an IPv4 address mapped into
// IPv6 is that IPv4 address. A value.
class Host {
 public:
  // INVALID_ARGUMENT says what is wrong with `text`, such as a port or a star
  // in it. Space around it is not ignored.
  static absl::StatusOr<Host> Parse(std::string_view text);

  // In lower case; an IPv6 address as RFC 5952 writes it.
  const std::string& text() const { return text_; }

  // Whether it stands for all addresses of a machine, such as 0.0.0.0 or [::]:
  // a place to listen at, at which nobody can be reached.
  bool IsUnspecified() const;

  auto operator<=>(const Host&) const = default;

 private:
  explicit Host(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace interlink::federation
