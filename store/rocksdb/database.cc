#include "store/rocksdb/database.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "store/change_feed.h"
#include "store/failpoint.h"
#include "store/rocksdb/backup.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/format.h"
#include "store/rocksdb/stamp.h"

namespace interlink::store {
namespace {

constexpr size_t kMaxBulkOps = 10'000;
// Room for the largest commit of rules, kMaxOps values of kMaxValueBytes.
constexpr size_t kMaxCommitBytes = 8 * 1024 * 1024;

// Whether a key may be written; the others belong to the engine.
bool IsUserKey(std::string_view key) { return !key.empty() && key[0] != '\0'; }

// The first key after all keys that begin with `prefix`; empty if there is
// none.
std::string EndOf(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

absl::Status CheckLimits(const std::vector<Precondition>& preconditions,
                         const std::vector<Op>& ops) {
  if (ops.size() > kMaxBulkOps || preconditions.size() > kMaxBulkOps) {
    return absl::InvalidArgumentError("a commit has at most " +
                                      std::to_string(kMaxBulkOps) +
                                      " changes and as many preconditions");
  }
  size_t bytes = 0;
  std::vector<std::string_view> keys;
  keys.reserve(ops.size());
  for (const Op& op : ops) {
    if (!IsUserKey(op.key)) {
      return absl::InvalidArgumentError(
          "a key is not empty and does not begin with a zero byte");
    }
    const size_t value_bytes = op.value ? op.value->size() : 0;
    if (value_bytes > Database::kMaxValueBytes) {
      return absl::InvalidArgumentError(
          "the value of " + op.key + " has " + std::to_string(value_bytes) +
          " bytes, more than " + std::to_string(Database::kMaxValueBytes));
    }
    bytes += op.key.size() + value_bytes;
    keys.push_back(op.key);
  }
  if (bytes > kMaxCommitBytes) {
    return absl::InvalidArgumentError("a commit of " + std::to_string(bytes) +
                                      " bytes is larger than " +
                                      std::to_string(kMaxCommitBytes));
  }
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) {
    return absl::InvalidArgumentError("a commit changes " +
                                      std::string(*twice) + " twice");
  }
  return absl::OkStatus();
}

class RocksDbDatabase : public Database {
 public:
  RocksDbDatabase(std::string directory, rocksdb::Env* env,
                  std::unique_ptr<rocksdb::DB> db, Revision revision)
      : directory_(std::move(directory)),
        env_(env),
        db_(std::move(db)),
        revision_(revision) {}

  absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                          std::string_view after,
                                          size_t limit) const override;
  absl::StatusOr<Revision> Commit(
      const std::vector<Precondition>& preconditions,
      const std::vector<Op>& ops) override;
  size_t max_bulk_ops() const override { return kMaxBulkOps; }
  Revision revision() const override { return revision_; }
  std::unique_ptr<Subscription> Follow(std::string prefix,
                                       Follower follower) override {
    return feed_.Follow(std::move(prefix), std::move(follower));
  }
  absl::StatusOr<uint64_t> Backup(const std::string& directory) override;
  absl::Status failure() const override {
    const absl::MutexLock lock(&failure_mutex_);
    return failure_;
  }
  void OnFailure(std::function<void()> failed) override {
    failed_ = std::move(failed);
  }
  absl::Status Reopen() override;

 private:
  absl::Status Check(const Precondition& precondition) const;
  absl::Status Write(Revision revision, const std::vector<Op>& ops);
  void SetFailure(absl::Status failure) {
    const absl::MutexLock lock(&failure_mutex_);
    failure_ = std::move(failure);
  }

  const std::string directory_;
  rocksdb::Env* const env_;
  // Held shared by every use of the database, which synchronises itself, and
  // exclusively while it is opened again. Null if that has failed.
  mutable absl::Mutex db_mutex_;
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(db_mutex_);
  mutable absl::Mutex failure_mutex_;
  // The first failed write since the files were opened.
  absl::Status failure_ ABSL_GUARDED_BY(failure_mutex_);

  // The rest belongs to the thread that commits.
  Revision revision_;
  ChangeFeed feed_;
  std::vector<Op> unsettled_;  // The commit whose write has failed.
  std::function<void()> failed_;
};

absl::StatusOr<std::optional<Entry>> RocksDbDatabase::Get(
    std::string_view key) const {
  if (!IsUserKey(key)) return std::nullopt;
  const absl::ReaderMutexLock lock(&db_mutex_);
  if (db_ == nullptr) return failure();
  rocksdb::PinnableSlice bytes;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), key, &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ToStatus(status, "cannot read", directory_);
  const auto stamped = ParseStamped(directory_, bytes.ToStringView());
  if (!stamped.ok()) return stamped.status();
  return Entry{std::string(key), std::string(stamped->value),
               stamped->revision};
}

absl::StatusOr<std::vector<Entry>> RocksDbDatabase::Scan(
    std::string_view prefix, std::string_view after, size_t limit) const {
  std::vector<Entry> entries;
  if (!prefix.empty() && !IsUserKey(prefix)) return entries;
  const std::string end = EndOf(prefix);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions options;
  if (!end.empty()) options.iterate_upper_bound = &end_slice;
  // One long scan would push everything else out of a small cache.
  options.fill_cache = limit != 0;
  // If `prefix` is empty, all keys after the engine's own.
  std::string first(prefix.empty() ? std::string_view("\x01") : prefix);
  // The next key in order after `after` is `after` and a zero byte.
  first = std::max(first, std::string(after) + '\0');

  const absl::ReaderMutexLock lock(&db_mutex_);
  if (db_ == nullptr) return failure();
  const std::unique_ptr<rocksdb::Iterator> i(db_->NewIterator(options));
  for (i->Seek(first); i->Valid(); i->Next()) {
    if (limit != 0 && entries.size() == limit) break;
    const auto stamped = ParseStamped(directory_, i->value().ToStringView());
    if (!stamped.ok()) return stamped.status();
    entries.push_back(
        {i->key().ToString(), std::string(stamped->value), stamped->revision});
  }
  if (!i->status().ok()) {
    return ToStatus(i->status(), "cannot read", directory_);
  }
  return entries;
}

absl::StatusOr<Revision> RocksDbDatabase::Commit(
    const std::vector<Precondition>& preconditions,
    const std::vector<Op>& ops) {
  if (feed_.telling()) {
    return absl::InternalError("a follower of the store must not commit");
  }
  if (auto s = failure(); !s.ok()) return s;
  if (auto s = CheckLimits(preconditions, ops); !s.ok()) return s;
  // Nobody else writes, so what holds now holds at the write.
  for (const Precondition& precondition : preconditions) {
    if (auto s = Check(precondition); !s.ok()) return s;
  }
  if (ops.empty()) return revision_;
  PassFailpoint("commit/unwritten");
  if (auto s = Write(revision_ + 1, ops); !s.ok()) {
    unsettled_ = ops;
    SetFailure(s);
    if (failed_ != nullptr) failed_();
    return s;
  }
  PassFailpoint("commit/synced");
  ++revision_;
  feed_.Publish(revision_, ops);
  return revision_;
}

absl::Status RocksDbDatabase::Check(const Precondition& precondition) const {
  const auto entry = Get(precondition.key);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) {
    if (precondition.revision == 0) return absl::OkStatus();
    return absl::AbortedError(precondition.key +
                              " does not exist, expected at revision " +
                              std::to_string(precondition.revision));
  }
  if (precondition.revision == 0) {
    return absl::AbortedError(precondition.key + " exists already");
  }
  if ((*entry)->revision != precondition.revision) {
    return absl::AbortedError(precondition.key + " is at revision " +
                              std::to_string((*entry)->revision) +
                              ", expected at " +
                              std::to_string(precondition.revision));
  }
  return absl::OkStatus();
}

absl::Status RocksDbDatabase::Write(Revision revision,
                                    const std::vector<Op>& ops) {
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(kRevisionKey, Stamp(revision, {}));
  for (const Op& op : ops) {
    if (!status.ok()) break;
    status = op.value ? batch.Put(op.key, Stamp(revision, *op.value))
                      : batch.Delete(op.key);
  }
  const absl::ReaderMutexLock lock(&db_mutex_);
  if (status.ok()) status = db_->Write(Synced(), &batch);
  if (status.ok()) return absl::OkStatus();
  return Unavailable("the store in " + directory_ +
                     " takes no changes since a write failed (" +
                     status.ToString() +
                     "): mend the disk or make room on it, and the daemon goes "
                     "on by itself");
}

absl::StatusOr<uint64_t> RocksDbDatabase::Backup(const std::string& directory) {
  const absl::ReaderMutexLock lock(&db_mutex_);
  if (db_ == nullptr) return failure();
  return WriteBackup(*db_, directory);
}

// The files in `directory` and the revision that they hold.
struct Opened {
  std::unique_ptr<rocksdb::DB> db;
  Revision revision;
};
absl::StatusOr<Opened> Open(const std::string& directory, rocksdb::Env* env) {
  auto db = OpenFiles(directory, env, OpenMode::kStore);
  if (!db.ok()) return db.status();
  const auto revision = ReadRevision(**db, directory);
  if (!revision.ok()) return revision.status();
  return Opened{*std::move(db), *revision};
}

absl::Status RocksDbDatabase::Reopen() {
  if (failure().ok()) return absl::OkStatus();
  // Closing gives up reading, too: not before the disk can be written.
  if (auto s = CheckWritable(directory_, env_); !s.ok()) return s;
  if (!db_mutex_.TryLock()) {
    return Unavailable("the store in " + directory_ +
                       " is opened again when the backup under way has ended");
  }
  db_.reset();  // Its files can be opened once only.
  auto opened = Open(directory_, env_);
  if (opened.ok()) db_ = std::move(opened->db);
  db_mutex_.Unlock();
  if (!opened.ok()) return opened.status();
  const std::vector<Op> unsettled = std::exchange(unsettled_, {});
  const Revision known = std::exchange(revision_, opened->revision);
  SetFailure(absl::OkStatus());
  if (revision_ == known + 1) {
    // The failed commit was written after all.
    feed_.Publish(revision_, unsettled);
  } else if (revision_ != known) {
    feed_.Reset();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenRocksDb(
    const std::string& directory, rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  if (auto s = MakeDirectory(directory, env); !s.ok()) return s;
  auto opened = Open(directory, env);
  if (!opened.ok()) return opened.status();
  return std::make_unique<RocksDbDatabase>(
      directory, env, std::move(opened->db), opened->revision);
}

}  // namespace interlink::store
