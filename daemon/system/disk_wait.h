#pragma once

#include <atomic>
#include <optional>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Whether the loop waits for the disk to store something, and since when. It
// can do nothing else meanwhile, and hangs no more than the disk does.
//
// Threading: a Scope on the loop, since() on any thread.
class DiskWait {
 public:
  // The loop waits while it lives. Whoever watches a commit may make another
  // one: a Scope within a Scope changes nothing.
  class Scope {
   public:
    Scope(DiskWait& wait, federation::SteadyTime now)
        : wait_(wait), is_outer_(!wait.since()) {
      if (is_outer_) wait_.since_ = now;
    }
    ~Scope() {
      if (is_outer_) wait_.since_ = federation::SteadyTime();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    DiskWait& wait_;
    const bool is_outer_;
  };

  // nullopt if it does not wait.
  std::optional<federation::SteadyTime> since() const {
    const federation::SteadyTime since = since_;
    if (since == federation::SteadyTime()) return std::nullopt;
    return since;
  }

 private:
  std::atomic<federation::SteadyTime> since_{federation::SteadyTime()};
};

}  // namespace interlink::daemon
