#include "store/etcd/copy.h"

#include <utility>

#include "store/rocksdb/entries_backup.h"

namespace interlink::store {

absl::StatusOr<std::optional<Entry>> LocalCopy::Get(
    std::string_view key) const {
  const absl::ReaderMutexLock lock(&mutex_);
  if (!closed_.ok()) return closed_;
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return Entry{found->first, found->second.value, found->second.revision};
}

absl::StatusOr<std::vector<Entry>> LocalCopy::Scan(std::string_view prefix,
                                                   std::string_view after,
                                                   size_t limit) const {
  const absl::ReaderMutexLock lock(&mutex_);
  if (!closed_.ok()) return closed_;
  std::vector<Entry> found;
  auto i = after < prefix ? entries_.lower_bound(prefix)
                          : entries_.upper_bound(after);
  for (; i != entries_.end() && i->first.starts_with(prefix); ++i) {
    if (limit != 0 && found.size() == limit) break;
    found.push_back({i->first, i->second.value, i->second.revision});
  }
  return found;
}

absl::StatusOr<uint64_t> LocalCopy::Backup(const std::string& directory) const {
  std::vector<Entry> entries;
  Revision revision = 0;
  {
    const absl::ReaderMutexLock lock(&mutex_);
    if (!closed_.ok()) return closed_;
    revision = revision_;
    entries.reserve(entries_.size());
    for (const auto& [key, stored] : entries_) {
      entries.push_back({key, stored.value, stored.revision});
    }
  }
  return WriteBackup(entries, revision, directory);
}

std::optional<Revision> LocalCopy::RevisionOf(std::string_view key) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second.revision;
}

void LocalCopy::Apply(Revision revision, std::vector<Change> changes) {
  const absl::MutexLock lock(&mutex_);
  revision_ = revision;
  for (Change& change : changes) {
    if (change.value) {
      entries_.insert_or_assign(
          std::move(change.key),
          Stored{*std::move(change.value), change.revision});
    } else {
      entries_.erase(change.key);
    }
  }
}

void LocalCopy::Replace(Revision revision, std::vector<Entry> entries) {
  Entries all;
  for (Entry& entry : entries) {
    all.emplace_hint(all.end(), std::move(entry.key),
                     Stored{std::move(entry.value), entry.revision});
  }
  const absl::MutexLock lock(&mutex_);
  entries_.swap(all);
  revision_ = revision;
}

void LocalCopy::Close(absl::Status reason) {
  const absl::MutexLock lock(&mutex_);
  closed_ = std::move(reason);
}

}  // namespace interlink::store
