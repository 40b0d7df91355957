#pragma once

#include <algorithm>
#include <chrono>

#include "federation/base/event_loop.h"

namespace interlink::federation {

// A limit of `rate` events a second in the long run and `size` events in a row.
// A value; the caller passes the time.
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
  // How long until there is a token; zero if there is one.
  Duration Wait(SteadyTime now) {
    if (HasToken(now)) return Duration::zero();
    return std::chrono::ceil<Duration>(
        std::chrono::duration<double>((1 - tokens_) / rate_));
  }
  // Whether the bucket is as good as new, so that it may be forgotten.
  bool IsFull(SteadyTime now) const { return TokensAt(now) >= size_; }

 private:
  double TokensAt(SteadyTime now) const {
    if (now <= filled_) return tokens_;
    const std::chrono::duration<double> passed = now - filled_;
    return std::min(size_, tokens_ + passed.count() * rate_);
  }
  void Refill(SteadyTime now) {
    tokens_ = TokensAt(now);
    filled_ = std::max(filled_, now);
  }

  double rate_ = 0;
  double size_ = 0;
  double tokens_ = 0;
  SteadyTime filled_{};
};

// Removes the full buckets from a map of them.
template <class Buckets>
void ForgetFull(Buckets& buckets, SteadyTime now) {
  erase_if(buckets,
           [now](const auto& entry) { return entry.second.IsFull(now); });
}

}  // namespace interlink::federation
