#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/system/disk_wait.h"
#include "federation/base/durations.h"
#include "federation/base/event_loop.h"
#include "store/database.h"

namespace interlink::daemon {

// A database whose commits are timed, and whose waits for the disk are known;
// all else it hands on.
//
// Threading: as the database's; commit_times() from any thread. Lifetime: the
// clock and the wait must outlive it.
class MeasuredDatabase final : public store::Database {
 public:
  MeasuredDatabase(std::unique_ptr<store::Database> database,
                   const federation::EventLoop& clock, DiskWait& wait)
      : database_(std::move(database)), clock_(clock), wait_(wait) {}

  // Of commits that were made; one that is refused may not touch the disk.
  const federation::Durations& commit_times() const { return commit_times_; }

  void Commit(store::Batch batch, Done done) override {
    database_->Commit(std::move(batch),
                      [this, start = clock_.Now(),
                       done = std::move(done)](auto revision) mutable {
                        if (revision.ok()) {
                          commit_times_.Add(clock_.Now() - start);
                        }
                        done(std::move(revision));
                      });
  }
  absl::StatusOr<store::Revision> Commit(
      const std::vector<store::Precondition>& preconditions,
      const std::vector<store::Op>& ops) override {
    const federation::SteadyTime start = clock_.Now();
    const DiskWait::Scope waiting(wait_, start);
    auto revision = database_->Commit(preconditions, ops);
    if (revision.ok()) commit_times_.Add(clock_.Now() - start);
    return revision;
  }
  void Await() override {
    const DiskWait::Scope waiting(wait_, clock_.Now());
    database_->Await();
  }

  absl::StatusOr<std::optional<store::Entry>> Get(
      std::string_view key) const override {
    return database_->Get(key);
  }
  absl::StatusOr<std::vector<store::Entry>> Scan(std::string_view prefix,
                                                 std::string_view after,
                                                 size_t limit) const override {
    return database_->Scan(prefix, after, limit);
  }
  size_t max_bulk_ops() const override { return database_->max_bulk_ops(); }
  store::Revision revision() const override { return database_->revision(); }
  std::unique_ptr<Subscription> Follow(std::string prefix,
                                       store::Follower follower) override {
    return database_->Follow(std::move(prefix), std::move(follower));
  }
  absl::StatusOr<uint64_t> Backup(const std::string& directory) override {
    return database_->Backup(directory);
  }
  absl::Status failure() const override { return database_->failure(); }
  void OnFailure(std::function<void()> failed) override {
    database_->OnFailure(std::move(failed));
  }
  absl::Status Reopen() override {
    const DiskWait::Scope waiting(wait_, clock_.Now());
    return database_->Reopen();
  }

 private:
  const std::unique_ptr<store::Database> database_;
  const federation::EventLoop& clock_;
  DiskWait& wait_;
  federation::Durations commit_times_;
};

}  // namespace interlink::daemon
