#include "store/rocksdb/restore.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"
#include "store/failpoint.h"
#include "store/records.h"
#include "store/rocksdb/damage.h"
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

// Keeps other processes from opening a store, and from restoring into its
// directory. UNAVAILABLE if another process does either.
class StoreLock {
 public:
  static absl::StatusOr<StoreLock> OfTarget(const std::string& directory,
                                            rocksdb::Env* env) {
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status status = env->LockFile(directory + "/LOCK", &lock);
    if (auto held = ExplainLock(status, directory, env)) return *held;
    if (!status.ok()) return ToStatus(status, "cannot lock", directory);
    return StoreLock(env, lock);
  }
  // A backup that was never opened may have no file to lock, or may lie where
  // no file can be written; then nothing is locked.
  static absl::StatusOr<StoreLock> OfBackup(const std::string& directory,
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

// FAILED_PRECONDITION if `db`, of the files in `from`, is an account's own.
absl::Status CheckIsBackup(rocksdb::DB& db, const std::string& from) {
  const auto is_backup = IsBackup(db, from);
  if (!is_backup.ok()) return is_backup.status();
  if (*is_backup) return absl::OkStatus();
  return absl::FailedPreconditionError(
      from +
      " holds the store of an account, and no backup: make one with "
      "interlinkctl backup, or start interlinkd on it with --data-dir");
}

// The copy has every byte of the backup, so that the damage is in the backup.
absl::Status DamagedBackup(const std::string& from, const std::string& said,
                           rocksdb::Env* env) {
  return absl::DataLossError("the backup in " + from + " cannot be restored: " +
                             DamageInWords(from, said, env) +
                             "; run the restore again with another backup");
}

// A store always has a write-ahead log, and goes on without the latest changes
// if that is gone.
bool HasLog(const std::string& directory, rocksdb::Env* env) {
  const auto names = StoreFiles(directory, env);
  return !names.ok() ||
         std::any_of(names->begin(), names->end(),
                     [](const auto& name) { return name.ends_with(".log"); });
}

// Refuses a store that is no backup, before anything is made or cleared for it.
// Prepare() finds damage in the copy, whose mark then keeps the daemon from
// starting with a new account.
absl::Status Judge(const std::string& from, rocksdb::Env* env) {
  // With the latest changes, the mark of a backup may be lost.
  if (!HasLog(from, env)) return absl::OkStatus();
  const auto db = OpenFiles(from, env, OpenMode::kReadOnly);
  const auto status = db.ok() ? CheckIsBackup(**db, from) : db.status();
  return absl::IsFailedPrecondition(status) ? status : absl::OkStatus();
}

// Checks the whole copy, and deletes from it what `mode` leaves out.
absl::Status Prepare(const std::string& from, const std::string& copy,
                     RestoreMode mode, rocksdb::Env* env) {
  if (!HasLog(copy, env)) return DamagedBackup(from, "", env);
  auto db = OpenFiles(copy, env, OpenMode::kCopy);
  if (absl::IsDataLoss(db.status())) {
    return DamagedBackup(from, std::string(db.status().message()), env);
  }
  if (!db.ok()) return db.status();
  if (auto s = CheckIsBackup(**db, from); !s.ok()) return s;
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

// Whether both are one directory, whatever links lead there. False if either is
// not there.
bool LeadTogether(const std::string& a, const std::string& b) {
  std::error_code error;
  return a == b || std::filesystem::equivalent(a, b, error);
}

absl::Status StoreIsThere(const std::string& directory) {
  return absl::AlreadyExistsError(
      "there is a store in " + directory +
      " already: move its files away, or name another directory");
}

// Makes the empty folder `partial` in `directory`, and removes what a restore
// that was cut short has left. A `partial` that is there is never removed:
// without it a daemon would start with a new account.
absl::Status MakePartial(const std::string& directory,
                         const std::string& partial, rocksdb::Env* env) {
  const auto was_cut_short = Exists(partial, env);
  if (!was_cut_short.ok()) return was_cut_short.status();
  const auto names = StoreFiles(directory, env);
  if (!names.ok()) return names.status();
  if (!*was_cut_short && !names->empty()) return StoreIsThere(directory);
  for (const std::string& name : *names) {
    const rocksdb::Status gone = env->DeleteFile(directory + "/" + name);
    if (!gone.ok()) return ToStatus(gone, "cannot clear", directory);
  }
  if (auto s = MakeDirectory(partial, env); !s.ok()) return s;
  std::vector<std::string> left;
  const rocksdb::Status listed = env->GetChildren(partial, &left);
  if (!listed.ok()) return ToStatus(listed, "cannot list", partial);
  for (const std::string& name : left) RemoveTree(partial + "/" + name, env);
  return SyncDirectory(directory, env);
}

absl::Status CopyStore(const std::string& from, const std::string& to,
                       rocksdb::Env* env) {
  const auto names = StoreFiles(from, env);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    auto s = CopyFile(from + "/" + name, to + "/" + name, env);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
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
    return absl::NotFoundError(
        "there is no backup in " + from +
        ": name the directory that `interlinkctl backup` made");
  }
  const std::string partial = directory + "/" + std::string(kRestorePartial);
  if (LeadTogether(from, directory)) return StoreIsThere(directory);
  if (LeadTogether(from, partial)) {
    return absl::InvalidArgumentError(
        from +
        " is where a restore makes its copy: name the directory that "
        "`interlinkctl backup` made");
  }
  const auto from_lock = StoreLock::OfBackup(from, env);
  if (!from_lock.ok()) return from_lock.status();
  if (auto s = Judge(from, env); !s.ok()) return s;
  if (auto s = MakeDirectory(directory, env); !s.ok()) return s;
  const auto lock = StoreLock::OfTarget(directory, env);
  if (!lock.ok()) return lock.status();
  if (auto s = MakePartial(directory, partial, env); !s.ok()) return s;
  if (auto s = CopyStore(from, partial, env); !s.ok()) return s;
  PassFailpoint("restore/copied");
  if (auto s = Prepare(from, partial, mode, env); !s.ok()) return s;
  if (auto s = MoveIn(partial, directory, env); !s.ok()) return s;
  RemoveTree(partial, env);
  return SyncDirectory(directory, env);
}

}  // namespace interlink::store
