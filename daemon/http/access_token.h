#pragma once

#include <array>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// The secret that an HTTP request has to show, if the administrator has chosen
// one (--pbx-http-token).
//
// A value. Keeps only the secret's hash.
class AccessToken {
 public:
  // Reads the token from a file of one line: 16 to 256 printable characters
  // without spaces. Errors: as ReadTextFile(), and INVALID_ARGUMENT naming the
  // file if it holds anything else.
  static absl::StatusOr<AccessToken> Read(const std::string& path);

  bool operator==(const AccessToken&) const = default;

  // Whether the value of an Authorization header shows it: "Bearer TOKEN", or
  // "Basic" with the token as password and any user. Takes as long for a wrong
  // token as for the right one.
  bool IsShownBy(std::string_view authorization) const;

 private:
  using Hash = std::array<unsigned char, 32>;

  explicit AccessToken(std::string_view token) : hash_(HashOf(token)) {}
  static Hash HashOf(std::string_view token);

  Hash hash_;
};

}  // namespace interlink::daemon
