#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"

namespace interlink::federation {

// Slows down guessing: counts refused proofs by source network and in all, and
// good proofs never (design.md section 9).
//
// Remembers at most kMaxSources sources. Threading: loop only.
class RedeemLimiter {
 public:
  static constexpr size_t kMaxSources = 10'000;

  // A refused proof that is one too many.
  struct Excess {
    bool is_in_all = false;  // All sources together have used up their limit.
    Duration wait{};         // Until another refused proof is within it.
  };

  // Per minute and source, and per second in all; 0 for no limit.
  RedeemLimiter(int per_source, int in_all);

  // Replaces the limit per source; if it is another, all sources begin anew.
  void LimitSources(int per_source);

  // A proof from `source` ("host:port") was refused: nullopt if that is within
  // the limits. A proof beyond them is not counted, so one source cannot use up
  // the limit in all.
  std::optional<Excess> Charge(std::string_view source, SteadyTime now);

 private:
  // nullptr for a source that only the limit in all applies to.
  TokenBucket* BucketOf(std::string_view source, SteadyTime now);

  int per_source_;
  const int in_all_;
  TokenBucket total_;
  std::map<std::string, TokenBucket, std::less<>> sources_;
};

}  // namespace interlink::federation
