#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The addresses of this machine's interfaces at which others can dial it, as
// hosts of an address; IPv4 before IPv6. Errors: UNAVAILABLE, saying why the
// system does not tell.
absl::StatusOr<std::vector<std::string>> HostsOfMachine();

// These addresses as they are now: they are looked for every 10 s, because
// networks come later than the daemon, and change. If the system does not tell
// them, a warning is logged when that begins, and the last ones stay.
//
// Threading: loop only. Lifetime: the loop must outlive it.
class MachineHosts {
 public:
  using Look = std::function<absl::StatusOr<std::vector<std::string>>()>;

  // `look` is HostsOfMachine(), but for tests.
  MachineHosts(federation::EventLoop& loop, Look look);

  const std::vector<std::string>& hosts() const { return hosts_; }
  // `on_change` is called when hosts() has changed.
  void OnChange(std::function<void()> on_change) {
    on_change_ = std::move(on_change);
  }

 private:
  void LookAgain();

  federation::EventLoop& loop_;
  const Look look_;
  std::function<void()> on_change_ = [] {};
  std::vector<std::string> hosts_;
  bool is_troubled_ = false;
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
