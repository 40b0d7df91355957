#include "daemon/http/access_token.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "daemon/system/text_file.h"

namespace interlink::daemon {
namespace {

constexpr size_t kLeast = 16;
constexpr size_t kMost = 256;

bool IsToken(std::string_view text) {
  return text.size() >= kLeast && text.size() <= kMost &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

absl::StatusOr<AccessToken> AccessToken::Read(const std::string& path) {
  auto text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  std::string_view token = *text;
  if (token.ends_with('\n')) token.remove_suffix(1);
  if (token.ends_with('\r')) token.remove_suffix(1);
  if (IsToken(token)) return AccessToken(token);
  return absl::InvalidArgumentError(
      path +
      " does not hold one line of 16 to 256 printable characters without "
      "spaces; make one with: openssl rand -hex 24 >" +
      path);
}

AccessToken::Hash AccessToken::HashOf(std::string_view token) {
  Hash hash;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         hash.data());
  return hash;
}

bool AccessToken::IsShownBy(std::string_view authorization) const {
  const size_t space = authorization.find(' ');
  const std::string_view scheme = authorization.substr(0, space);
  std::string_view shown = authorization.substr(scheme.size());
  while (shown.starts_with(' ')) shown.remove_prefix(1);
  std::string credentials;
  if (absl::EqualsIgnoreCase({scheme.data(), scheme.size()}, "Basic")) {
    absl::Base64Unescape({shown.data(), shown.size()}, &credentials);
    const size_t colon = credentials.find(':');
    shown = colon == credentials.npos
                ? std::string_view()
                : std::string_view(credentials).substr(colon + 1);
  } else if (!absl::EqualsIgnoreCase({scheme.data(), scheme.size()},
                                     "Bearer")) {
    shown = {};
  }
  const Hash hash = HashOf(shown);
  return CRYPTO_memcmp(hash.data(), hash_.data(), hash.size()) == 0;
}

}  // namespace interlink::daemon
