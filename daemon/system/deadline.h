#pragma once

#include <memory>
#include <optional>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The time by which something has to be done. Setting it anew for each step
// costs next to nothing: the timer behind it runs on, and looks when it rings
// whether the time has been put off.
//
// Threading: loop only. Lifetime: `loop` must outlive it. `missed` is not
// called once this is destroyed, and must not destroy it.
class Deadline {
 public:
  Deadline(federation::EventLoop& loop, federation::EventLoop::Task missed);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // `missed` is called after `time`, unless this or Off() is called before.
  void In(federation::Duration time);
  void Off() { at_.reset(); }

 private:
  void Watch();

  federation::EventLoop& loop_;
  federation::EventLoop::Task missed_;
  std::optional<federation::SteadyTime> at_;
  federation::SteadyTime rings_at_;  // If there is a timer.
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
