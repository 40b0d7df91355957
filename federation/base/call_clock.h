#pragma once

#include <algorithm>
#include <chrono>

#include "federation/base/event_loop.h"

namespace interlink::federation {

// The clock by which an account dates the call tokens for its numbers
// (design.md section 16): the wall clock at the start, and boot time since. So
// it is near enough to the time to be read by people, and nobody can set it.
//
// Threading: any thread. Lifetime: `loop` must outlive it.
class CallClock {
 public:
  explicit CallClock(const EventLoop& loop)
      : loop_(loop),
        at_boot_(loop.WallNow().time_since_epoch() - loop.SinceBoot()) {}

  // Since 1970; never negative.
  std::chrono::milliseconds Now() const {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(
        at_boot_ + loop_.SinceBoot());
    return std::max(now, std::chrono::milliseconds::zero());
  }

 private:
  const EventLoop& loop_;
  const Duration at_boot_;
};

}  // namespace interlink::federation
