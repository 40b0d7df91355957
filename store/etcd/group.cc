#include "store/etcd/group.h"

#include "store/etcd/copy.h"
#include "store/etcd/database.h"

namespace interlink::store {
namespace {

// Etcd takes 128 operations, and one of them writes the commit.
constexpr size_t kMaxChanges = 127;

}  // namespace

bool EtcdGroup::HasRoomFor(const Batch& batch) const {
  return changes_.empty() ||
         (changes_.size() + batch.ops.size() <= kMaxChanges &&
          bytes_ + BytesOf(batch.ops) <= EtcdDatabase::kMaxBytes);
}

absl::StatusOr<Revision> EtcdGroup::Add(const Batch& batch) {
  for (const Precondition& precondition : batch.preconditions) {
    const auto key =
        precondition.key.empty() ? std::nullopt : RevisionOf(precondition.key);
    if (auto s = CheckHolds(precondition, revision_, key); !s.ok()) return s;
  }
  if (batch.ops.empty()) return revision_;
  ++revision_;
  bytes_ += BytesOf(batch.ops);
  for (const Op& op : batch.ops) {
    const auto [place, is_new] = places_.emplace(op.key, changes_.size());
    if (is_new) changes_.emplace_back();
    changes_[place->second] = {op.key, op.value, revision_};
  }
  return revision_;
}

std::optional<Revision> EtcdGroup::RevisionOf(const std::string& key) const {
  const auto place = places_.find(key);
  if (place == places_.end()) return copy_.RevisionOf(key);
  const Change& change = changes_[place->second];
  return change.value ? std::optional(change.revision) : std::nullopt;
}

}  // namespace interlink::store
