#pragma once

#include <optional>
#include <string_view>

namespace interlink::daemon {

// The target of a request, split. RFC 9112 3.2 lets it be a whole URL, whose
// host then counts in place of the header's.
//
// A value that points into the text that it was made of.
struct RequestTarget {
  explicit RequestTarget(std::string_view target);

  std::optional<std::string_view> host;  // With its port.
  std::string_view path;
  std::string_view query;  // Without its "?".
};

}  // namespace interlink::daemon
