#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/system/disk_wait.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// How often a watchdog that ends a silence of `watchdog` is to be fed: one meal
// that is lost, or late, is no hang yet.
inline federation::Duration BetweenMeals(federation::Duration watchdog) {
  return std::max<federation::Duration>(watchdog / 3,
                                        std::chrono::milliseconds(100));
}

// Feeds the service manager's watchdog while the loop waits for the disk and so
// cannot. A new start would have to wait for the same disk, and would end what
// other threads still answer from memory. A wait of ten times the watchdog's
// time counts as a hang after all.
//
// Threading: a thread of its own. Lifetime: `clock` and `wait` must outlive it.
class DiskPatience {
 public:
  DiskPatience(const federation::EventLoop& clock, const DiskWait& wait,
               std::string socket, federation::Duration watchdog);
  ~DiskPatience();
  DiskPatience(const DiskPatience&) = delete;
  DiskPatience& operator=(const DiskPatience&) = delete;

  // Whether a disk that has stored nothing for so long is no hang yet.
  static bool IsPatient(federation::Duration waited,
                        federation::Duration watchdog);
  // Whether the watchdog is to be fed for the loop at `now`.
  static bool IsPatient(const DiskWait& wait, federation::SteadyTime now,
                        federation::Duration watchdog);

 private:
  void Run();

  const federation::EventLoop& clock_;
  const DiskWait& wait_;
  const std::string socket_;
  const federation::Duration watchdog_;
  absl::Mutex mutex_;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace interlink::daemon
