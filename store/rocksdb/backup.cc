#include "store/rocksdb/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "rocksdb/utilities/checkpoint.h"
#include "store/failpoint.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/entries_backup.h"
#include "store/rocksdb/errors.h"
#include "store/rocksdb/files.h"
#include "store/rocksdb/format.h"
#include "store/rocksdb/stamp.h"

namespace interlink::store {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<uint64_t> SizeOf(const std::string& directory,
                                rocksdb::Env* env) {
  std::vector<rocksdb::Env::FileAttributes> files;
  const rocksdb::Status status =
      env->GetChildrenFileAttributes(directory, &files);
  if (!status.ok()) return ToStatus(status, "cannot list", directory);
  uint64_t size = 0;
  for (const auto& file : files) size += file.size_bytes;
  return size;
}

absl::Status Copy(rocksdb::DB& db, const std::string& copy) {
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&db, &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (status.ok()) status = checkpoint->CreateCheckpoint(copy);
  if (status.ok() && db.GetEnv() == rocksdb::Env::Default() &&
      chmod(copy.c_str(), 0700) != 0) {
    status = rocksdb::Status::IOError("chmod", copy);
  }
  return ToStatus(status, "cannot copy the store to", copy);
}

absl::Status Mark(const std::string& copy, rocksdb::Env* env) {
  auto db = OpenFiles(copy, env, OpenMode::kCopy);
  if (!db.ok()) return db.status();
  if (auto s = MarkAsBackup(**db, copy); !s.ok()) return s;
  return ToStatus((*db)->Close(), "cannot mark", copy);
}

// Checks the folder that the backup is to lie in. INVALID_ARGUMENT, because
// trying again would not help.
absl::Status CheckParent(const std::string& directory, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) return absl::OkStatus();
  const std::string parent = ParentOf(directory);
  struct stat found {};
  int error = stat(parent.c_str(), &found) == 0 ? 0 : errno;
  if (error == 0 && !S_ISDIR(found.st_mode)) error = ENOTDIR;
  if (error == 0 && access(parent.c_str(), W_OK | X_OK) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "cannot make a folder in " + parent + ": " + std::strerror(error) +
      "; name one that exists, and that the daemon's user may write to");
}

// Checks that the copy will not lie among the files of the store, where it
// would be lost with them and stand in the way of a restore. REQUIRES: the
// parent of `directory` exists.
absl::Status CheckOutside(const std::string& store,
                          const std::string& directory, rocksdb::Env* env) {
  if (env != rocksdb::Env::Default()) return absl::OkStatus();
  // Compares the files themselves: names may lead through links and mounts.
  std::error_code error;
  fs::path at = fs::canonical(ParentOf(directory), error);
  while (!error && !fs::equivalent(at, store, error)) {
    if (at == at.root_path()) return absl::OkStatus();
    at = at.parent_path();
  }
  if (error) {
    return Unavailable("cannot look at " + at.string() + ": " +
                       error.message());
  }
  return absl::InvalidArgumentError(directory +
                                    " lies within the data directory " + store +
                                    ": name a directory outside it, on "
                                    "another disk if there is one");
}

// Makes a whole and synced copy. Returns its size in bytes.
absl::StatusOr<uint64_t> WriteCopy(rocksdb::DB& db, const std::string& copy) {
  rocksdb::Env* const env = db.GetEnv();
  if (auto s = Copy(db, copy); !s.ok()) return s;
  PassFailpoint("backup/copied");
  if (auto s = Mark(copy, env); !s.ok()) {
    if (!absl::IsDataLoss(s)) return s;
    return Corrupt(db.GetName(), "a copy of it does not read back");
  }
  if (auto s = SyncDirectory(copy, env); !s.ok()) return s;
  return SizeOf(copy, env);
}

// Makes `directory` of what `write` puts into a directory of the name that it
// is given, and of which it returns the size.
template <class Write>
absl::StatusOr<uint64_t> MakeWhole(const std::string& directory,
                                   rocksdb::Env* env, Write write) {
  // A private directory, because RocksDB would make the copy readable to
  // others.
  const std::string partial = directory + ".partial";
  const std::string copy = partial + "/store";
  for (const std::string& name : {directory, partial}) {
    const auto exists = Exists(name, env);
    if (!exists.ok()) return exists.status();
    if (*exists) {
      return absl::AlreadyExistsError(
          name + " already exists: remove it, or name another directory");
    }
  }
  if (auto s = MakeDirectory(partial, env); !s.ok()) return s;
  const absl::Cleanup remove_partial = [&] { RemoveTree(partial, env); };
  const absl::StatusOr<uint64_t> size = write(copy);
  if (!size.ok()) return size;
  const rocksdb::Status renamed = env->RenameFile(copy, directory);
  if (!renamed.ok()) return ToStatus(renamed, "cannot rename", copy);
  if (auto s = SyncDirectory(ParentOf(directory), env); !s.ok()) {
    RemoveTree(directory, env);
    return s;
  }
  return size;
}

// Makes a whole and synced copy of an account that lies in no store.
absl::StatusOr<uint64_t> WriteEntries(const std::vector<Entry>& entries,
                                      Revision revision,
                                      const std::string& copy) {
  rocksdb::Env* const env = rocksdb::Env::Default();
  if (auto s = MakeDirectory(copy, env); !s.ok()) return s;
  auto db = OpenFiles(copy, env, OpenMode::kStore);
  if (!db.ok()) return db.status();
  rocksdb::Status status;
  for (const Entry& entry : entries) {
    if (!status.ok()) break;
    status = (*db)->Put(rocksdb::WriteOptions(), entry.key,
                        Stamp(entry.revision, entry.value));
  }
  // Synced, and so is all that was written before.
  if (status.ok()) {
    status = (*db)->Put(Synced(), kRevisionKey, Stamp(revision, {}));
  }
  if (auto s = ToStatus(status, "cannot copy the store to", copy); !s.ok()) {
    return s;
  }
  PassFailpoint("backup/copied");
  if (auto s = MarkAsBackup(**db, copy); !s.ok()) return s;
  status = (*db)->Close();
  if (!status.ok()) return ToStatus(status, "cannot mark", copy);
  if (auto s = SyncDirectory(copy, env); !s.ok()) return s;
  return SizeOf(copy, env);
}

}  // namespace

absl::StatusOr<uint64_t> WriteBackup(rocksdb::DB& db, const std::string& path) {
  rocksdb::Env* const env = db.GetEnv();
  const std::string directory = WithoutSlash(path);
  if (auto s = CheckParent(directory, env); !s.ok()) return s;
  if (auto s = CheckOutside(db.GetName(), directory, env); !s.ok()) return s;
  return MakeWhole(directory, env, [&db](const std::string& copy) {
    return WriteCopy(db, copy);
  });
}

absl::StatusOr<uint64_t> WriteBackup(const std::vector<Entry>& entries,
                                     Revision revision,
                                     const std::string& path) {
  rocksdb::Env* const env = rocksdb::Env::Default();
  const std::string directory = WithoutSlash(path);
  if (auto s = CheckParent(directory, env); !s.ok()) return s;
  return MakeWhole(directory, env, [&](const std::string& copy) {
    return WriteEntries(entries, revision, copy);
  });
}

}  // namespace interlink::store
