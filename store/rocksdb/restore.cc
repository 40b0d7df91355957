#include "store/rocksdb/restore.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"
#include "store/failpoint.h"
#include "store/records.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/format.h"
#include "store/rocksdb/lock.h"

namespace interlink::store {
namespace {

constexpr std::string_view kCurrent = "CURRENT";
constexpr size_t kCopyBytes = 1 << 20;

absl::StatusOr<std::vector<std::string>> StoreFiles(
    const std::string& directory, rocksdb::Env* env) {
  std::vector<std::string> all;
  const rocksdb::Status listed = env->GetChildren(directory, &all);
  if (!listed.ok()) return ToStatus(listed, "cannot list", directory);
  std::erase_if(all, [](const auto& name) { return !IsStoreFile(name); });
  return all;
}

// Makes a synced copy.
absl::Status CopyFile(const std::string& from, const std::string& to,
                      rocksdb::Env* env) {
  std::unique_ptr<rocksdb::SequentialFile> source;
  std::unique_ptr<rocksdb::WritableFile> target;
  rocksdb::Status status = env->NewSequentialFile(from, &source, {});
  if (!status.ok()) return ToStatus(status, "cannot read", from);
  status = env->NewWritableFile(to, &target, {});
  const auto buffer = std::make_unique<char[]>(kCopyBytes);
  rocksdb::Slice read;
  do {
    if (status.ok()) status = source->Read(kCopyBytes, &read, buffer.get());
    if (status.ok()) status = target->Append(read);
  } while (status.ok() && !read.empty());
  if (status.ok()) status = target->Fsync();
  if (status.ok()) status = target->Close();
  return ToStatus(status, "cannot copy to", to);
}

// Deletes everything but the numbers.
rocksdb::Status ForgetAccount(rocksdb::DB& db) {
  rocksdb::WriteBatch batch;
  for (const std::string_view key : {kAccountKey, kGenerationKey}) {
    batch.Delete(std::string(key)).PermitUncheckedError();
  }
  for (const std::string_view prefix :
       {kInterlinkPrefix, kTombstonePrefix, kOutboxPrefix, kEventPrefix}) {
    const std::unique_ptr<rocksdb::Iterator> i(
        db.NewIterator(rocksdb::ReadOptions()));
    for (i->Seek(std::string(prefix));
         i->Valid() && i->key().starts_with(std::string(prefix)); i->Next()) {
      batch.Delete(i->key()).PermitUncheckedError();
    }
    if (!i->status().ok()) return i->status();
  }
  return db.Write(Synced(), &batch);
}

// Keeps other processes from opening a store.
class StoreLock {
 public:
  // A backup that was never opened may have no file to lock, or may lie where
  // no file can be written; then nothing is locked. UNAVAILABLE if another
  // process has the store open.
  static absl::StatusOr<StoreLock> Take(const std::string& directory,
                                        rocksdb::Env* env) {
    const std::string file = directory + "/LOCK";
    const auto exists = Exists(file, env);
    if (!exists.ok()) return exists.status();
    rocksdb::FileLock* lock = nullptr;
    if (*exists) {
      const rocksdb::Status status = env->LockFile(file, &lock);
      if (auto held = ExplainLock(status, directory, env)) return *held;
      if (!status.ok()) lock = nullptr;
    }
    return StoreLock(env, lock);
  }
  StoreLock(StoreLock&& other) noexcept
      : env_(other.env_), lock_(std::exchange(other.lock_, nullptr)) {}
  ~StoreLock() {
    if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
  }

 private:
  StoreLock(rocksdb::Env* env, rocksdb::FileLock* lock)
      : env_(env), lock_(lock) {}

  rocksdb::Env* env_;
  rocksdb::FileLock* lock_;  // nullptr: none is held.
};

// Checks the whole copy, and deletes from it what `mode` leaves out.
absl::Status Prepare(const std::string& from, const std::string& copy,
                     RestoreMode mode, rocksdb::Env* env) {
  auto db = OpenFiles(copy, env, OpenMode::kCopy);
  if (!db.ok()) return db.status();
  const auto is_backup = IsBackup(**db, copy);
  if (!is_backup.ok()) return is_backup.status();
  if (!*is_backup) {
    return absl::FailedPreconditionError(
        from +
        " holds the store of an account, and no backup: make one with "
        "interlinkctl backup, or start interlinkd on it with --data-dir");
  }
  rocksdb::Status status;
  if (mode == RestoreMode::kAsNew) status = ForgetAccount(**db);
  if (status.ok()) status = (*db)->Close();
  return ToStatus(status, "cannot prepare", copy);
}

// CURRENT goes last: without it there is no store.
absl::Status MoveIn(const std::string& copy, const std::string& directory,
                    rocksdb::Env* env) {
  auto names = StoreFiles(copy, env);
  if (!names.ok()) return names.status();
  std::erase(*names, kCurrent);
  for (const std::string& name : *names) {
    const rocksdb::Status moved =
        env->RenameFile(copy + "/" + name, directory + "/" + name);
    if (!moved.ok()) return ToStatus(moved, "cannot rename into", directory);
  }
  if (auto s = SyncDirectory(directory, env); !s.ok()) return s;
  PassFailpoint("restore/moved");
  const std::string current = "/" + std::string(kCurrent);
  const rocksdb::Status moved =
      env->RenameFile(copy + current, directory + current);
  if (!moved.ok()) return ToStatus(moved, "cannot rename into", directory);
  return SyncDirectory(directory, env);
}

// Removes what a restore that was cut short has left.
absl::Status ClearPartial(const std::string& directory,
                          const std::string& partial, rocksdb::Env* env) {
  auto names = StoreFiles(directory, env);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const rocksdb::Status gone = env->DeleteFile(directory + "/" + name);
    if (!gone.ok()) return ToStatus(gone, "cannot clear", directory);
  }
  RemoveTree(partial, env);
  return SyncDirectory(directory, env);
}

}  // namespace

absl::Status RestoreRocksDb(const std::string& source,
                            const std::string& target, RestoreMode mode,
                            rocksdb::Env* env) {
  if (env == nullptr) env = rocksdb::Env::Default();
  const std::string from = WithoutSlash(source);
  const std::string directory = WithoutSlash(target);
  const auto is_backup = Exists(from + "/" + std::string(kCurrent), env);
  if (!is_backup.ok()) return is_backup.status();
  if (!*is_backup) {
    return absl::NotFoundError("there is no backup in " + from +
                               ": name the directory that Backup made");
  }
  const auto lock = StoreLock::Take(from, env);
  if (!lock.ok()) return lock.status();
  auto names = StoreFiles(from, env);
  if (!names.ok()) return names.status();
  if (auto s = MakeDirectory(directory, env); !s.ok()) return s;
  const std::string partial = directory + "/" + std::string(kRestorePartial);
  const auto was_cut_short = Exists(partial, env);
  if (!was_cut_short.ok()) return was_cut_short.status();
  if (*was_cut_short) {
    if (auto s = ClearPartial(directory, partial, env); !s.ok()) return s;
  }
  auto there = StoreFiles(directory, env);
  if (!there.ok()) return there.status();
  if (!there->empty()) {
    return absl::AlreadyExistsError(
        "there is a store in " + directory +
        " already: move its files away, or name another directory");
  }
  if (auto s = MakeDirectory(partial, env); !s.ok()) return s;
  for (const std::string& name : *names) {
    if (auto s = CopyFile(from + "/" + name, partial + "/" + name, env);
        !s.ok()) {
      return s;
    }
  }
  PassFailpoint("restore/copied");
  if (auto s = Prepare(from, partial, mode, env); !s.ok()) {
    // Nothing was lost, so nothing has to be done again before a start.
    if (absl::IsFailedPrecondition(s)) RemoveTree(partial, env);
    return s;
  }
  if (auto s = MoveIn(partial, directory, env); !s.ok()) return s;
  RemoveTree(partial, env);
  return SyncDirectory(directory, env);
}

}  // namespace interlink::store
