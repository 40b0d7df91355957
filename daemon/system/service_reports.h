#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/system/disk_patience.h"
#include "daemon/system/disk_wait.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Tells the service manager that started the daemon (systemd, Type=notify) how
// it stands, as sd_notify(3) describes: it is ready, reads its settings again,
// or stops; and, for the watchdog, that the loop still runs, or waits for the
// disk (DiskPatience).
//
// Without a manager nothing is sent. Nobody waits for one that does not read:
// it is warned of once, and told the latest turn again each second.
//
// Threading: loop only, except as DiskWait says.
class ServiceReports {
 public:
  // What the manager asks for, by the environment of the process.
  struct Wanted {
    std::string socket;               // Empty: no reports.
    federation::Duration watchdog{};  // A longer silence is a hang; 0: none is.
  };
  static Wanted WantedBy(
      const std::function<std::string(const std::string& name)>& environment,
      int process);

  // Lifetime: `loop` must outlive it.
  ServiceReports(federation::EventLoop& loop, Wanted wanted);
  ServiceReports(const ServiceReports&) = delete;
  ServiceReports& operator=(const ServiceReports&) = delete;

  // `status` is a line for `systemctl status`. Feeds the watchdog from here on.
  void Ready(const std::string& status);
  void Reloading();
  // Ends a Reloading().
  void Reloaded();
  // A reload is not reported after it.
  void Stopping();

  // `waited`: how long the oldest change has waited for the disk. The watchdog
  // is fed no more once that is a hang (DiskPatience), though the loop runs.
  void WatchDisk(std::function<federation::Duration()> waited) {
    waited_ = std::move(waited);
  }
  // Set by whoever has the loop wait for the disk.
  DiskWait& disk_wait() { return disk_wait_; }

 private:
  // Until the manager has heard of it, or there is another turn.
  void Tell(const std::string& turn);
  bool Send(const std::string& report);
  void Feed();

  federation::EventLoop& loop_;
  const Wanted wanted_;
  bool is_stopping_ = false;
  bool is_heard_ = true;
  std::unique_ptr<federation::EventLoop::Timer> next_try_;
  std::unique_ptr<federation::EventLoop::Timer> next_meal_;
  std::function<federation::Duration()> waited_;
  DiskWait disk_wait_;
  std::unique_ptr<DiskPatience> disk_patience_;  // Once ready, if watched.
};

}  // namespace interlink::daemon
