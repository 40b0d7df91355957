#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace interlink::federation {

// The host of an address, of a contact or of an allow-list: a DNS name, an IPv4
// address, or an IPv6 address in brackets. Two hosts are equal if their texts
// differ only in capitals and, in IPv6, in how zeros are written. An IPv4
// address that is mapped into IPv6 is that IPv4 address. A value.
class Host {
 public:
  // Returns InvalidArgument if `text` is no host; the message says why, such as
  // a port or a star in it. Surrounding space is not ignored.
  static absl::StatusOr<Host> Parse(std::string_view text);

  // In lower case; an IPv6 address as RFC 5952 writes it.
  const std::string& text() const { return text_; }

  // Whether the host stands for all addresses of a machine, as 0.0.0.0 and [::]
  // do. A daemon can listen there, and nobody can be reached there.
  bool IsUnspecified() const;

  auto operator<=>(const Host&) const = default;

 private:
  explicit Host(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace interlink::federation
