#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "federation/event_loop.h"

namespace interlink::federation {

// Lets `rate` things a second happen, and as many at once as a full bucket
// holds. A value; the caller passes the time.
class TokenBucket {
 public:
  TokenBucket() = default;
  TokenBucket(double rate, double size)
      : rate_(rate), size_(size), tokens_(size) {}

  bool HasToken(SteadyTime now) {
    Refill(now);
    return tokens_ >= 1;
  }
  bool Take(SteadyTime now) {
    if (!HasToken(now)) return false;
    tokens_ -= 1;
    return true;
  }
  // Whether nothing was taken for so long that the bucket may be forgotten.
  bool IsFull(SteadyTime now) {
    Refill(now);
    return tokens_ >= size_;
  }

 private:
  void Refill(SteadyTime now) {
    if (now > filled_) {
      const std::chrono::duration<double> passed = now - filled_;
      tokens_ = std::min(size_, tokens_ + passed.count() * rate_);
      filled_ = now;
    }
  }

  double rate_ = 0;
  double size_ = 0;
  double tokens_ = 0;
  SteadyTime filled_{};
};

// Counts refused proofs, by source host and in all, so that keys cannot be
// guessed; honest redeemers are never charged (design.md section 9).
//
// Remembers at most kMaxSources sources. Threading: one thread.
class RedeemLimiter {
 public:
  static constexpr size_t kMaxSources = 10'000;

  // Per minute and source, and per second in all; 0 for no limit.
  RedeemLimiter(int per_source, int in_all);

  // Whether a proof from `source` ("host:port") may be looked at now.
  bool Allows(std::string_view source, SteadyTime now);
  // A proof from there was refused.
  void Charge(std::string_view source, SteadyTime now);

 private:
  const int per_source_;
  const int in_all_;
  TokenBucket total_;
  std::map<std::string, TokenBucket, std::less<>> sources_;
};

}  // namespace interlink::federation
