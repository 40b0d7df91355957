#pragma once

#include <time.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "federation/base/event_loop.h"

namespace interlink::bench {

// An event loop that notes how long its longest task has kept its thread busy.
// By the thread's own time, so that whatever else the machine does is no stall.
//
// Threading: as EventLoop says; the figures from the loop itself.
class MeasuredLoop : public federation::EventLoop {
 public:
  // `loop` runs the tasks and must outlive it.
  explicit MeasuredLoop(federation::EventLoop& loop) : loop_(loop) {}

  double longest_ms() const { return longest_ms_; }
  void Reset() { longest_ms_ = 0; }

  federation::SteadyTime Now() const override { return loop_.Now(); }
  federation::WallTime WallNow() const override { return loop_.WallNow(); }
  federation::Duration SinceBoot() const override { return loop_.SinceBoot(); }
  bool IsOnLoop() const override { return loop_.IsOnLoop(); }
  void Post(Task task) override {
    loop_.Post([this, task = std::move(task)]() mutable { Run(task); });
  }
  std::unique_ptr<Timer> After(federation::Duration delay, Task task) override {
    return loop_.After(delay,
                       [this, task = std::move(task)]() mutable { Run(task); });
  }

 private:
  static double BusyMs() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 +
           static_cast<double>(time.tv_nsec) / 1e6;
  }
  void Run(Task& task) {
    const double start = BusyMs();
    task();
    longest_ms_ = std::max(longest_ms_, BusyMs() - start);
  }

  federation::EventLoop& loop_;
  double longest_ms_ = 0;
};

}  // namespace interlink::bench
