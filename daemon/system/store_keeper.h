#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/system/measured_database.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Notices that the store no longer takes changes, as on a full disk, and opens
// it again once the disk can be written.
//
// Threading: loop only. Lifetime: the database and the loop must outlive it.
class StoreKeeper {
 public:
  // Between two tries to open it again.
  static constexpr std::chrono::seconds kRetryInterval{3};

  // `changed` is called when the store fails, and when it takes changes again.
  // It must not change the store.
  StoreKeeper(MeasuredDatabase& database, federation::EventLoop& loop,
              std::function<void()> changed);
  ~StoreKeeper();

  bool takes_changes() const { return retry_ == nullptr; }
  uint64_t failures() const { return failures_; }
  federation::Duration waited() const { return database_.waited(); }
  // Why what is changed is not stored at the moment, in words for an
  // administrator; empty if nothing hinders it.
  std::string trouble() const;

 private:
  void Failed();
  void TryLater();
  void TryAgain();

  MeasuredDatabase& database_;
  federation::EventLoop& loop_;
  const std::function<void()> changed_;
  uint64_t failures_ = 0;
  federation::SteadyTime failed_at_;
  std::string obstacle_;                                 // Of the latest try.
  std::unique_ptr<federation::EventLoop::Timer> retry_;  // While it has failed.
};

}  // namespace interlink::daemon
