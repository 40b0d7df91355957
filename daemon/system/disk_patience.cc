#include "daemon/system/disk_patience.h"

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "daemon/system/notify_socket.h"

namespace interlink::daemon {
namespace {

constexpr int kMostWatchdogs = 10;

}  // namespace

DiskPatience::DiskPatience(const federation::EventLoop& clock,
                           const DiskWait& wait, std::string socket,
                           federation::Duration watchdog)
    : clock_(clock),
      wait_(wait),
      socket_(std::move(socket)),
      watchdog_(watchdog),
      thread_([this] { Run(); }) {}

DiskPatience::~DiskPatience() {
  {
    const absl::MutexLock lock(&mutex_);
    is_ending_ = true;
  }
  thread_.join();
}

bool DiskPatience::IsPatient(federation::Duration waited,
                             federation::Duration watchdog) {
  return waited < kMostWatchdogs * watchdog;
}

bool DiskPatience::IsPatient(const DiskWait& wait, federation::SteadyTime now,
                             federation::Duration watchdog) {
  const std::optional<federation::SteadyTime> since = wait.since();
  return since && IsPatient(now - *since, watchdog);
}

void DiskPatience::Run() {
  const absl::Duration pause = absl::FromChrono(BetweenMeals(watchdog_));
  const absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&is_ending_), pause)) {
    if (!wait_.since() || !IsPatient(wait_, clock_.Now(), watchdog_)) continue;
    SendReport(socket_, "WATCHDOG=1");  // One that is lost is no hang yet.
  }
}

}  // namespace interlink::daemon
