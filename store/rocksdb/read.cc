#include "store/rocksdb/read.h"

#include <algorithm>
#include <memory>

#include "store/rocksdb/errors.h"
#include "store/rocksdb/stamp.h"

namespace interlink::store {
namespace {

// The first key after all keys that begin with `prefix`; empty if there is
// none.
std::string EndOf(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

}  // namespace

absl::StatusOr<std::optional<Entry>> ReadEntry(
    rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
    const std::string& directory, std::string_view key) {
  if (!IsUserKey(key)) return std::nullopt;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string bytes;
  const rocksdb::Status status = db.Get(options, key, &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ToStatus(status, "cannot read", directory);
  const auto stamped = ParseStamped(directory, bytes);
  if (!stamped.ok()) return stamped.status();
  return Entry{std::string(key), std::string(stamped->value),
               stamped->revision};
}

absl::StatusOr<std::vector<Entry>> ReadEntries(
    rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
    const std::string& directory, std::string_view prefix,
    std::string_view after, size_t limit) {
  std::vector<Entry> entries;
  if (!prefix.empty() && !IsUserKey(prefix)) return entries;
  const std::string end = EndOf(prefix);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  if (!end.empty()) options.iterate_upper_bound = &end_slice;
  // One long scan would push everything else out of a small cache.
  options.fill_cache = limit != 0;
  // If `prefix` is empty, all keys after the engine's own.
  std::string first(prefix.empty() ? std::string_view("\x01") : prefix);
  // The next key in order after `after` is `after` and a zero byte.
  first = std::max(first, std::string(after) + '\0');

  const std::unique_ptr<rocksdb::Iterator> i(db.NewIterator(options));
  for (i->Seek(first); i->Valid(); i->Next()) {
    if (limit != 0 && entries.size() == limit) break;
    const auto stamped = ParseStamped(directory, i->value().ToStringView());
    if (!stamped.ok()) return stamped.status();
    entries.push_back(
        {i->key().ToString(), std::string(stamped->value), stamped->revision});
  }
  if (!i->status().ok()) return ToStatus(i->status(), "cannot read", directory);
  return entries;
}

}  // namespace interlink::store
