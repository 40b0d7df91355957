#include "daemon/cli/page/sessions.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "daemon/cli/api/failure.h"

namespace interlink::cli {
namespace {

std::string RandomText() {
  std::string bytes(32, '\0');
  // A machine without randomness must not hand out what can be guessed.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size())) != 1) {
    std::abort();
  }
  return absl::WebSafeBase64Escape(bytes);
}

bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

grpc::Status Refuse(const char* what) {
  return LocalFailure(grpc::StatusCode::UNAUTHENTICATED, "TOKEN_INVALID",
                      std::string(what) +
                          "; press Enter where `interlinkctl page` runs, and "
                          "open the new link");
}

}  // namespace

std::string Sessions::NewToken() {
  wrong_ = 0;
  token_ = RandomText();
  return token_;
}

grpc::Status Sessions::Begin(std::string_view token, std::string* session) {
  if (token_.empty()) return Refuse("this link has been used");
  if (!IsSame(token, token_)) {
    wrong_ = std::min(wrong_ + 1, kManyWrong);
    return Refuse("this is not the link that was printed last");
  }
  token_.clear();
  if (sessions_.size() == kMaxSessions) sessions_.pop_front();
  *session = sessions_.emplace_back(RandomText());
  return grpc::Status::OK;
}

bool Sessions::Has(std::string_view session) const {
  return std::any_of(
      sessions_.begin(), sessions_.end(),
      [session](const std::string& known) { return IsSame(session, known); });
}

}  // namespace interlink::cli
