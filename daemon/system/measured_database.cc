#include "daemon/system/measured_database.h"

#include <spdlog/spdlog.h>

namespace interlink::daemon {
namespace {

int64_t WholeSeconds(federation::Duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

void MeasuredDatabase::Commit(store::Batch batch, Done done) {
  const federation::SteadyTime start = loop_.Now();
  under_way_.insert(start);
  if (watch_ == nullptr && !hangs_since_) Watch();
  database_->Commit(std::move(batch), [this, start, done = std::move(done)](
                                          auto revision) mutable {
    if (revision.ok()) commit_times_.Add(loop_.Now() - start);
    Answered(start, revision.ok());
    done(std::move(revision));
  });
}

absl::StatusOr<store::Revision> MeasuredDatabase::Commit(
    const std::vector<store::Precondition>& preconditions,
    const std::vector<store::Op>& ops) {
  const federation::SteadyTime start = loop_.Now();
  const DiskWait::Scope waiting(wait_, start);
  auto revision = database_->Commit(preconditions, ops);
  if (revision.ok()) commit_times_.Add(loop_.Now() - start);
  HasWaited(start);
  return revision;
}

void MeasuredDatabase::HasWaited(federation::SteadyTime start) const {
  const federation::Duration time = loop_.Now() - start;
  if (time < kHang) return;
  spdlog::warn(
      "the disk has stored nothing for {} s, in which the daemon did "
      "nothing but wait for it",
      WholeSeconds(time));
}

void MeasuredDatabase::Watch() {
  watch_ = loop_.After(kHang - waited(), [this] {
    watch_.reset();
    if (under_way_.empty()) return;
    if (waited() < kHang) return Watch();
    hangs_since_ = *under_way_.begin();
    spdlog::warn(
        "the disk has stored nothing for {} s, and what is changed waits for "
        "it",
        WholeSeconds(waited()));
  });
}

void MeasuredDatabase::Answered(federation::SteadyTime start, bool is_stored) {
  under_way_.erase(under_way_.find(start));
  if (!hangs_since_) return;
  if (is_stored) {
    spdlog::warn("the disk stores changes again, after {} s",
                 WholeSeconds(loop_.Now() - *hangs_since_));
  }
  hangs_since_.reset();
  if (!under_way_.empty()) Watch();
}

}  // namespace interlink::daemon
