#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "federation/event_loop.h"
#include "store/database.h"

namespace interlink::daemon {

// Notices that the store takes no changes any more, as on a full disk, and
// opens it again once the disk can be written.
//
// Threading: loop only. Lifetime: the database and the loop must outlive it.
class StoreKeeper {
 public:
  // How often the store is looked at, and how many of those looks at a failed
  // one are passed over between two tries to open it again.
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr int kLooksPerTry = 3;

  // `changed` is called with false when the store has failed, and with true
  // when it takes changes again.
  StoreKeeper(store::Database& database, federation::EventLoop& loop,
              std::function<void(bool takes_changes)> changed);

  bool takes_changes() const { return !is_failed_; }
  uint64_t failures() const { return failures_; }

 private:
  void Look();
  void LookLater();
  void TryAgain();

  store::Database& database_;
  federation::EventLoop& loop_;
  const std::function<void(bool)> changed_;
  bool is_failed_ = false;
  int looks_ = 0;  // Since it failed.
  uint64_t failures_ = 0;
  federation::SteadyTime failed_at_;
  std::unique_ptr<federation::EventLoop::Timer> timer_;
};

}  // namespace interlink::daemon
