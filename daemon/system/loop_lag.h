#pragma once

#include <chrono>
#include <memory>

#include "federation/base/durations.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// How late the loop comes to its tasks: once a second it notes by how much it
// missed the time of one.
//
// Threading: loop only, but for times(). Lifetime: the loop must outlive it.
class LoopLag {
 public:
  explicit LoopLag(federation::EventLoop& loop) : loop_(loop) { Wait(); }

  const federation::Durations& times() const { return times_; }

 private:
  static constexpr std::chrono::seconds kBetween{1};

  void Wait() {
    timer_ = loop_.After(kBetween, [this, due = loop_.Now() + kBetween] {
      times_.Add(loop_.Now() - due);
      Wait();
    });
  }

  federation::EventLoop& loop_;
  federation::Durations times_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
