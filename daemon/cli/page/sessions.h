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
// time. Wrong ones are counted and leave it as it is: 32 bytes cannot be
// guessed, and whoever tries must not take the link from its owner.
//
// Threading: one thread.
class Sessions {
 public:
  static constexpr int kManyWrong = 10;
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
  // Whether kManyWrong wrong tokens came instead of the latest one: more than
  // somebody sends who opens former links.
  bool was_guessed() const { return wrong_ == kManyWrong; }

 private:
  std::string token_;  // Empty: used.
  int wrong_ = 0;      // Tokens since the last NewToken(), up to kManyWrong.
  std::deque<std::string> sessions_;
};

}  // namespace interlink::cli
