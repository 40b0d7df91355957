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
  if (watch_ == nullptr) Watch();
  database_->Commit(std::move(batch), [this, start, done = std::move(done)](
                                          auto revision) mutable {
    if (revision.ok()) commit_times_.Add(loop_.Now() - start);
    Answered(start);
    done(std::move(revision));
  });
}

void MeasuredDatabase::Watch() {
  watch_ = loop_.After(kHang - waited(), [this] {
    watch_.reset();
    if (under_way_.empty()) return;
    if (waited() < kHang) return Watch();
    hangs_since_ = *under_way_.begin();
    spdlog::warn(
        "the disk has stored nothing for {} s, and what is changed waits for "
        "it; calls go on",
        WholeSeconds(waited()));
  });
}

void MeasuredDatabase::Answered(federation::SteadyTime start) {
  under_way_.erase(under_way_.find(start));
  if (!hangs_since_) return;
  spdlog::warn("the disk stores changes again, after {} s",
               WholeSeconds(loop_.Now() - *hangs_since_));
  hangs_since_.reset();
  if (!under_way_.empty()) Watch();
}

}  // namespace interlink::daemon
