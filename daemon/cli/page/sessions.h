#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "grpcpp/support/status.h"

namespace interlink::cli {

// Who may use the page: whoever has opened a link that this program printed.
//
// A link carries a token, which works once and makes a session; a session is
// what each call then shows. Both are 32 random bytes in base64url, are
// compared in constant time, and end with the program. There is one token at a
// time, and kMaxWrong wrong ones make it void.
//
// Threading: one thread.
class Sessions {
 public:
  static constexpr int kMaxWrong = 10;
  static constexpr size_t kMaxSessions = 16;

  // A new token; the one before works no longer.
  std::string NewToken();

  // Uses up `token` for a session, which is written to `session`. The oldest
  // session ends when there are too many. Errors: UNAUTHENTICATED
  // (TOKEN_INVALID) with what to do.
  grpc::Status Begin(std::string_view token, std::string* session);

  bool Has(std::string_view session) const;
  // Whether the token can still be used.
  bool has_token() const { return !token_.empty(); }
  // Whether the latest token is void because of wrong ones.
  bool was_guessed() const { return wrong_ == kMaxWrong; }

 private:
  std::string token_;  // Empty: used, or void.
  int wrong_ = 0;      // Tokens that were tried since the last NewToken().
  std::deque<std::string> sessions_;
};

}  // namespace interlink::cli
