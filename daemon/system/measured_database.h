#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/system/disk_wait.h"
#include "federation/base/durations.h"
#include "federation/base/event_loop.h"
#include "store/handed_on_database.h"

namespace interlink::daemon {

// A database whose commits are timed, and whose waits for the disk are known;
// all else it hands on. A disk that stores nothing for kHang is logged: at
// once if the loop goes on, so that nothing else would show it; else
// afterwards.
//
// Threading: as the database's; commit_times() from any thread. Lifetime: the
// loop and the wait must outlive it.
class MeasuredDatabase final : public store::HandedOnDatabase {
 public:
  static constexpr std::chrono::seconds kHang{5};

  MeasuredDatabase(std::unique_ptr<store::Database> database,
                   federation::EventLoop& loop, DiskWait& wait)
      : HandedOnDatabase(database.get()),
        wait_(wait),
        loop_(loop),
        database_(std::move(database)) {}

  // Of commits that were made; one that is refused may not touch the disk.
  const federation::Durations& commit_times() const { return commit_times_; }

  // How long the oldest commit has been under way that the loop does not wait
  // for; 0 if there is none.
  federation::Duration waited() const {
    return under_way_.empty() ? federation::Duration::zero()
                              : loop_.Now() - *under_way_.begin();
  }

  void Commit(store::Batch batch, Done done) override;
  absl::StatusOr<store::Revision> Commit(
      const std::vector<store::Precondition>& preconditions,
      const std::vector<store::Op>& ops) override;

  absl::Status Reopen() override {
    const DiskWait::Scope waiting(wait_, loop_.Now());
    return database_->Reopen();
  }

 private:
  // Looks once for each oldest commit, whatever was answered meanwhile.
  void Watch();
  void Answered(federation::SteadyTime start, bool is_stored);
  // The loop has waited since `start`.
  void HasWaited(federation::SteadyTime start) const;

  DiskWait& wait_;
  federation::EventLoop& loop_;
  federation::Durations commit_times_;
  std::multiset<federation::SteadyTime> under_way_;  // When each began.
  std::unique_ptr<federation::EventLoop::Timer> watch_;
  std::optional<federation::SteadyTime> hangs_since_;  // Once that was said.
  // Last: a commit that it still answers uses the above.
  const std::unique_ptr<store::Database> database_;
};

}  // namespace interlink::daemon
