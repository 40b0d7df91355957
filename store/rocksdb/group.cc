#include "store/rocksdb/group.h"

#include "store/failpoint.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/read.h"
#include "store/rocksdb/stamp.h"

namespace interlink::store {

absl::StatusOr<Revision> Group::Add(const Batch& batch) {
  for (const Precondition& precondition : batch.preconditions) {
    if (auto s = Check(precondition); !s.ok()) return s;
  }
  if (batch.ops.empty()) return revision_;
  ++revision_;
  for (const Op& op : batch.ops) {
    changed_[op.key] = op.value ? std::optional(revision_) : std::nullopt;
    if (!status_.ok()) continue;
    status_ = op.value ? written_.Put(op.key, Stamp(revision_, *op.value))
                       : written_.Delete(op.key);
  }
  return revision_;
}

absl::StatusOr<std::optional<Revision>> Group::RevisionOf(
    const std::string& key) const {
  const auto changed = changed_.find(key);
  if (changed != changed_.end()) return changed->second;
  const auto entry = ReadEntry(db_, nullptr, directory_, key);
  if (!entry.ok()) return entry.status();
  if (!*entry) return std::nullopt;
  return (*entry)->revision;
}

absl::Status Group::Check(const Precondition& precondition) const {
  if (precondition.key.empty()) {
    return CheckHolds(precondition, revision_, std::nullopt);
  }
  const auto revision = RevisionOf(precondition.key);
  if (!revision.ok()) return revision.status();
  return CheckHolds(precondition, revision_, *revision);
}

absl::Status Group::Write() {
  if (changed_.empty()) return absl::OkStatus();
  PassFailpoint("commit/unwritten");
  if (status_.ok()) {
    status_ = written_.Put(kRevisionKey, Stamp(revision_, {}));
  }
  if (status_.ok()) status_ = db_.Write(Synced(), &written_);
  if (!status_.ok()) {
    return Unavailable("the store in " + directory_ +
                       " takes no changes since a write failed (" +
                       status_.ToString() +
                       "): mend the disk or make room on it, and the daemon "
                       "goes on by itself");
  }
  PassFailpoint("commit/synced");
  return absl::OkStatus();
}

}  // namespace interlink::store
