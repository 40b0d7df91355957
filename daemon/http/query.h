#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// The parameters of a URL: "number=201&from=100", percent-decoded. A "+" is a
// plus, as in RFC 3986, because telephone numbers begin with it.
//
// A value.
class Query {
 public:
  static constexpr size_t kMostParameters = 16;

  // REQUEST_INVALID for a damaged escape, a name that comes twice, more than
  // kMostParameters, a control character, or what is not UTF-8.
  static absl::StatusOr<Query> Parse(std::string_view text);

  // nullopt if the query has no such parameter.
  std::optional<std::string_view> Find(std::string_view name) const;
  // The same, or an empty text.
  std::string Get(std::string_view name) const {
    return std::string(Find(name).value_or(""));
  }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace interlink::daemon
