#include "store/rocksdb/database.h"

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/db.h"
#include "store/change_feed.h"
#include "store/rocksdb/backup.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/format.h"
#include "store/rocksdb/group.h"
#include "store/rocksdb/read.h"
#include "store/writer_thread.h"

namespace interlink::store {
namespace {

constexpr size_t kMaxBulkOps = 10'000;

// Commits that wait for the disk, then those that a write has settled.
struct Waiting {
  Batch batch;
  Database::Done done;
};
struct Settled {
  std::vector<Op> ops;
  absl::StatusOr<Revision> outcome;
  Database::Done done;
};
// What one write made of the commits that had waited for it.
struct Written {
  std::vector<Settled> commits;  // In their order.
  bool has_failed = false;       // It was the write that failed.
  std::shared_ptr<const rocksdb::Snapshot> snapshot;  // After it.
};

// A commit is begun on the loop, checked and written by the writer, and told
// and answered on the loop.
class RocksDbDatabase : public Database {
 public:
  RocksDbDatabase(std::string directory, rocksdb::Env* env, Workplace workplace,
                  std::unique_ptr<rocksdb::DB> db, Revision revision);

  absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const override;
  absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                          std::string_view after,
                                          size_t limit) const override;
  void Commit(Batch batch, Done done) override;
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
  using Snapshot = std::shared_ptr<const rocksdb::Snapshot>;

  absl::Status Check(const Batch& batch) const;
  // On the writer.
  void WriteWaiting();
  Written Write(std::vector<Waiting> group);
  // On the loop.
  // Waits until no commit is under way and followers were told of all of them.
  void Await();
  void Tell();
  void Tell(Written written);
  void Answer();

  Snapshot TakeSnapshot(rocksdb::DB& db) const;
  void Show(Snapshot snapshot);
  Snapshot Shown() const;
  void SetFailure(absl::Status failure) {
    const absl::MutexLock lock(&failure_mutex_);
    failure_ = std::move(failure);
  }

  const std::string directory_;
  rocksdb::Env* const env_;
  const std::function<void(Task)> post_;
  // Held shared by every use of the database, which synchronises itself, and
  // exclusively while it is opened again. Null if that has failed.
  mutable absl::Mutex db_mutex_;
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(db_mutex_);
  mutable absl::Mutex shown_mutex_;
  // What is read: the database as followers know it. Not used without `db_`.
  Snapshot shown_ ABSL_GUARDED_BY(shown_mutex_);
  mutable absl::Mutex failure_mutex_;
  // The first failed write since the files were opened.
  absl::Status failure_ ABSL_GUARDED_BY(failure_mutex_);

  absl::Mutex queue_mutex_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(queue_mutex_);
  bool is_writing_ ABSL_GUARDED_BY(queue_mutex_) = false;
  std::vector<Written> untold_ ABSL_GUARDED_BY(queue_mutex_);

  // The writer's, and the loop's while the writer has nothing to do.
  Revision written_;
  std::vector<Settled> unsettled_;  // The commits whose write has failed.

  // The rest is the loop's.
  Revision revision_;
  ChangeFeed feed_;
  std::vector<Settled> unanswered_;
  std::function<void()> failed_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // The last, so that nothing is written any more when the others end.
  const std::unique_ptr<Writer> writer_;
};

RocksDbDatabase::RocksDbDatabase(std::string directory, rocksdb::Env* env,
                                 Workplace workplace,
                                 std::unique_ptr<rocksdb::DB> db,
                                 Revision revision)
    : directory_(std::move(directory)),
      env_(env),
      post_(std::move(workplace.post)),
      db_(std::move(db)),
      written_(revision),
      revision_(revision),
      writer_(workplace.writer != nullptr ? std::move(workplace.writer)
                                          : std::make_unique<WriterThread>()) {
  const absl::ReaderMutexLock lock(&db_mutex_);
  Show(TakeSnapshot(*db_));
}

RocksDbDatabase::Snapshot RocksDbDatabase::TakeSnapshot(rocksdb::DB& db) const {
  return {db.GetSnapshot(), [&db](const rocksdb::Snapshot* snapshot) {
            db.ReleaseSnapshot(snapshot);
          }};
}

void RocksDbDatabase::Show(Snapshot snapshot) {
  const absl::MutexLock lock(&shown_mutex_);
  shown_.swap(snapshot);
}

RocksDbDatabase::Snapshot RocksDbDatabase::Shown() const {
  const absl::MutexLock lock(&shown_mutex_);
  return shown_;
}

absl::StatusOr<std::optional<Entry>> RocksDbDatabase::Get(
    std::string_view key) const {
  const absl::ReaderMutexLock lock(&db_mutex_);
  if (db_ == nullptr) return failure();
  return ReadEntry(*db_, Shown().get(), directory_, key);
}

absl::StatusOr<std::vector<Entry>> RocksDbDatabase::Scan(
    std::string_view prefix, std::string_view after, size_t limit) const {
  const absl::ReaderMutexLock lock(&db_mutex_);
  if (db_ == nullptr) return failure();
  return ReadEntries(*db_, Shown().get(), directory_, prefix, after, limit);
}

absl::Status RocksDbDatabase::Check(const Batch& batch) const {
  if (feed_.telling()) {
    return absl::InternalError("a follower of the store must not commit");
  }
  if (auto s = failure(); !s.ok()) return s;
  return CheckLimits(batch, kMaxBulkOps);
}

void RocksDbDatabase::Commit(Batch batch, Done done) {
  if (auto s = Check(batch); !s.ok()) {
    unanswered_.push_back({{}, std::move(s), std::move(done)});
    post_([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) Answer();
    });
    return;
  }
  const absl::MutexLock lock(&queue_mutex_);
  waiting_.push_back({std::move(batch), std::move(done)});
  if (!std::exchange(is_writing_, true)) {
    writer_->Run([this] { WriteWaiting(); });
  }
}

absl::StatusOr<Revision> RocksDbDatabase::Commit(
    const std::vector<Precondition>& preconditions,
    const std::vector<Op>& ops) {
  Batch batch{preconditions, ops};
  if (auto s = Check(batch); !s.ok()) return s;
  Await();
  std::vector<Waiting> alone;
  alone.push_back({std::move(batch), nullptr});
  Written written = Write(std::move(alone));
  auto outcome = written.commits.front().outcome;
  Tell(std::move(written));
  return outcome;
}

void RocksDbDatabase::Await() {
  if (feed_.telling()) return;
  writer_->Finish();
  Tell();
}

void RocksDbDatabase::WriteWaiting() {
  std::vector<Waiting> group;
  {
    const absl::MutexLock lock(&queue_mutex_);
    size_t bytes = 0;
    while (!waiting_.empty()) {
      bytes += BytesOf(waiting_.front().batch.ops);
      if (bytes > kMaxCommitBytes && !group.empty()) break;
      group.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  Written written = Write(std::move(group));
  {
    const absl::MutexLock lock(&queue_mutex_);
    untold_.push_back(std::move(written));
    is_writing_ = !waiting_.empty();
    if (is_writing_) writer_->Run([this] { WriteWaiting(); });
  }
  post_([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    Tell();
    Answer();
  });
}

Written RocksDbDatabase::Write(std::vector<Waiting> waiting) {
  const absl::ReaderMutexLock lock(&db_mutex_);
  Written written;
  absl::Status trouble = failure();
  std::optional<Group> group;
  if (trouble.ok()) group.emplace(*db_, directory_, written_);
  for (Waiting& commit : waiting) {
    auto outcome = group ? group->Add(commit.batch) : trouble;
    written.commits.push_back({std::move(commit.batch.ops), std::move(outcome),
                               std::move(commit.done)});
  }
  if (!group) return written;
  trouble = group->Write();
  if (trouble.ok()) {
    written_ = group->revision();
    written.snapshot = TakeSnapshot(*db_);
    return written;
  }
  written.has_failed = true;
  for (Settled& commit : written.commits) {
    if (!commit.outcome.ok()) continue;
    unsettled_.push_back({commit.ops, commit.outcome, nullptr});
    commit.outcome = trouble;
  }
  SetFailure(std::move(trouble));
  return written;
}

void RocksDbDatabase::Tell() {
  std::vector<Written> untold;
  {
    const absl::MutexLock lock(&queue_mutex_);
    untold.swap(untold_);
  }
  for (Written& written : untold) Tell(std::move(written));
}

void RocksDbDatabase::Tell(Written written) {
  if (written.snapshot != nullptr) Show(std::move(written.snapshot));
  if (written.has_failed && failed_ != nullptr) failed_();
  for (Settled& commit : written.commits) {
    if (commit.outcome.ok() && *commit.outcome > revision_) {
      revision_ = *commit.outcome;
      feed_.Publish(revision_, commit.ops);
    }
    if (commit.done != nullptr) unanswered_.push_back(std::move(commit));
  }
}

void RocksDbDatabase::Answer() {
  for (Settled& commit : std::exchange(unanswered_, {})) {
    commit.done(std::move(commit.outcome));
  }
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
  Await();
  // Closing gives up reading, too: not before the disk can be written.
  if (auto s = CheckWritable(directory_, env_); !s.ok()) return s;
  if (!db_mutex_.TryLock()) {
    return Unavailable("the store in " + directory_ +
                       " is opened again when the backup under way has ended");
  }
  Show(nullptr);
  db_.reset();  // Its files can be opened once only.
  auto opened = Open(directory_, env_);
  if (opened.ok()) {
    db_ = std::move(opened->db);
    Show(TakeSnapshot(*db_));
  }
  db_mutex_.Unlock();
  if (!opened.ok()) return opened.status();
  const std::vector<Settled> unsettled = std::exchange(unsettled_, {});
  written_ = opened->revision;
  const Revision known = std::exchange(revision_, opened->revision);
  SetFailure(absl::OkStatus());
  if (!unsettled.empty() && *unsettled.back().outcome == revision_) {
    // The failed commits were written after all.
    for (const Settled& commit : unsettled) {
      feed_.Publish(*commit.outcome, commit.ops);
    }
  } else if (revision_ != known) {
    feed_.Reset();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenRocksDb(
    const std::string& directory, rocksdb::Env* env, Workplace workplace) {
  if (env == nullptr) env = rocksdb::Env::Default();
  if (auto s = MakeDirectory(directory, env); !s.ok()) return s;
  auto opened = Open(directory, env);
  if (!opened.ok()) return opened.status();
  return std::make_unique<RocksDbDatabase>(directory, env, std::move(workplace),
                                           std::move(opened->db),
                                           opened->revision);
}

}  // namespace interlink::store
