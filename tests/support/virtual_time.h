#pragma once

#include <cassert>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "federation/base/event_loop.h"
#include "tests/support/off_loop.h"

namespace interlink::testing {

// The time of a test: stands still until it is advanced, and then runs each
// task at its own time: an hour passes in microseconds, twice the same way.
//
// Threading: one thread.
class VirtualTime {
 public:
  using Task = federation::EventLoop::Task;

  federation::SteadyTime Now() const { return now_; }
  federation::WallTime WallNow() const {
    return wall_start_ +
           std::chrono::duration_cast<federation::WallTime::duration>(
               now_.time_since_epoch() + wall_offset_);
  }
  // As if somebody had set the clock.
  void JumpWallClock(federation::Duration by) { wall_offset_ += by; }
  std::function<void()> after_each;  // Called after every task.
  size_t waiting() const { return tasks_.size(); }
  uint64_t tasks_run() const { return next_ - tasks_.size(); }

  void RunAt(federation::SteadyTime time, Task task) {
    tasks_.emplace(std::make_pair(time, next_++), std::move(task));
  }

  void Advance(federation::Duration by) {
    const federation::SteadyTime end = now_ + by;
    while (!tasks_.empty() && tasks_.begin()->first.first <= end) RunNext();
    now_ = end;
  }

  // Until `done`, for at most `limit`; whether it came about.
  bool AdvanceUntil(const std::function<bool()>& done,
                    federation::Duration limit) {
    const federation::SteadyTime end = now_ + limit;
    while (!done()) {
      if (tasks_.empty() || tasks_.begin()->first.first > end) return false;
      RunNext();
    }
    return true;
  }

 private:
  void RunNext() {
    auto node = tasks_.extract(tasks_.begin());
    now_ = std::max(now_, node.key().first);
    node.mapped()();
    if (after_each) after_each();
  }

  // Not at the epoch, which means "never" in places.
  federation::SteadyTime now_{std::chrono::hours(1)};
  federation::WallTime wall_start_ =
      federation::WallTime(std::chrono::hours(24 * 365 * 55));
  federation::Duration wall_offset_{};
  uint64_t next_ = 0;
  std::map<std::pair<federation::SteadyTime, uint64_t>, Task> tasks_;
};

// One account's event loop on the shared virtual time. When it is destroyed,
// its tasks are forgotten, as at a kill -9.
class VirtualLoop : public federation::EventLoop {
 public:
  explicit VirtualLoop(VirtualTime& time) : time_(time) {}

  federation::SteadyTime Now() const override { return time_.Now(); }
  federation::WallTime WallNow() const override {
    return time_.WallNow() +
           std::chrono::duration_cast<federation::WallTime::duration>(
               clock_error);
  }
  federation::Duration SinceBoot() const override {
    return time_.Now().time_since_epoch();
  }
  bool IsOnLoop() const override { return !OffLoop::IsThisThread(); }
  federation::Duration clock_error{};  // By how much this clock is ahead.

  void Post(Task task) override { PostAfter({}, std::move(task)); }
  void PostAfter(federation::Duration delay, Task task) {
    RunAfter(alive_, delay, std::move(task));
  }

  std::unique_ptr<Timer> After(federation::Duration delay, Task task) override {
    assert(IsOnLoop());
    auto timer = std::make_unique<VirtualTimer>();
    RunAfter(timer->wanted, delay, std::move(task));
    return timer;
  }

 private:
  struct VirtualTimer : Timer {
    std::shared_ptr<bool> wanted = std::make_shared<bool>(true);
  };

  void RunAfter(const std::shared_ptr<bool>& wanted, federation::Duration delay,
                Task task) {
    time_.RunAt(time_.Now() + delay,
                [alive = std::weak_ptr(alive_), wanted = std::weak_ptr(wanted),
                 task = std::move(task)]() mutable {
                  if (alive.lock() && wanted.lock()) task();
                });
  }

  VirtualTime& time_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::testing
