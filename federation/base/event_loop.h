#pragma once

#include <chrono>
#include <memory>

#include "absl/functional/any_invocable.h"

namespace interlink::federation {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// The one thread that owns the account's state, and the only source of time.
//
// Tasks run one at a time, in the order in which they were posted. The task of
// a timer runs at its time or later.
//
// Threading: Post() and the clocks from any thread; After() and the destruction
// of timers from the loop itself.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;
  // A task that waits for its time. Destroying the timer cancels the task.
  class Timer {
   public:
    virtual ~Timer() = default;
  };

  virtual ~EventLoop() = default;

  // For intervals; never jumps.
  virtual SteadyTime Now() const = 0;
  // For dates that are stored, shown or compared with certificates.
  virtual WallTime WallNow() const = 0;
  // Time since the machine has started, also while it slept. Nobody can set it.
  virtual Duration SinceBoot() const = 0;

  // Whether the caller may use what is "loop only": it is the loop, or the loop
  // does not run yet or any more. For assertions.
  virtual bool IsOnLoop() const = 0;

  virtual void Post(Task task) = 0;
  [[nodiscard]] virtual std::unique_ptr<Timer> After(Duration delay,
                                                     Task task) = 0;
};

}  // namespace interlink::federation
