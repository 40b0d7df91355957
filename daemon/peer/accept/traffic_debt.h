#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The bytes that a linked account has sent and not paid for. Answered calls and
// accepted messages pay for themselves; time pays for small things outside of
// calls, such as keepalive pings. So the debt grows only by useless work:
// streams that are reset, endless headers, empty frames.
//
// A value. Threading: one thread, or the caller's lock.
class TrafficDebt {
 public:
  // More than HTTP/2's window for a session's messages, plus a message that
  // waits for the loop.
  static constexpr int64_t kMost = 192 * 1024;
  static constexpr int64_t kForgivenPerSecond = 16 * 1024;

  explicit TrafficDebt(federation::SteadyTime now) : forgiven_at_(now) {}

  // `paid` bytes must have been charged before, or be part of `arrived`:
  // nothing can be paid in advance.
  void Charge(uint64_t arrived, uint64_t paid, federation::SteadyTime now) {
    const std::chrono::duration<double> passed = now - forgiven_at_;
    forgiven_at_ = now;
    bytes_ += static_cast<double>(arrived) - static_cast<double>(paid) -
              passed.count() * kForgivenPerSecond;
    bytes_ = std::max(bytes_, 0.0);
  }

  int64_t bytes() const { return static_cast<int64_t>(bytes_); }
  bool IsTooMuch() const { return bytes_ > kMost; }

 private:
  double bytes_ = 0;
  federation::SteadyTime forgiven_at_;
};

}  // namespace interlink::daemon
