#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "store/database.h"

// How this program uses RocksDB: the options, what lies in a value, and what
// its errors mean to an administrator. Private to the engine.
namespace interlink::store {

// Under it lies the revision of the database, written by every commit. It is
// outside the key space of the Database interface, whose keys do not begin with
// a zero byte.
inline constexpr std::string_view kRevisionKey("\0revision", 9);

// A folder in a store's directory, while a backup is being put there.
inline constexpr std::string_view kRestorePartial = "restore.partial";

// A value as it lies on disk: eight bytes of revision, highest first, then the
// value proper.
std::string Stamp(Revision revision, std::string_view value);
struct Stamped {
  Revision revision;
  std::string_view value;
};
// DATA_LOSS if `bytes` is too short to be one.
absl::StatusOr<Stamped> ParseStamped(const std::string& directory,
                                     std::string_view bytes);

// The files of the database in `directory`, opened: of a store, which is made
// if there is none, or of a fresh copy of one. Errors: as OpenRocksDb().
enum class OpenMode { kStore, kCopy };
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenFiles(
    const std::string& directory, rocksdb::Env* env, OpenMode mode);

// Whether a file of some size can be written and synced in `directory`, where
// it is removed again. Errors: UNAVAILABLE, with what the system said.
absl::Status CheckWritable(const std::string& directory, rocksdb::Env* env);

// Every write waits for the disk.
rocksdb::WriteOptions Synced();

// Whether there is anything at `path`. UNAVAILABLE if that cannot be seen,
// which is no sign that there is nothing.
absl::StatusOr<bool> Exists(const std::string& path, rocksdb::Env* env);

// Of the files in a directory, those that make a store.
bool IsStoreFile(std::string_view name);

// Makes `directory`, readable to this user only, and syncs its name. OK if it
// is there already.
absl::Status MakeDirectory(const std::string& directory, rocksdb::Env* env);
// Syncs the names of the files in `directory`.
absl::Status SyncDirectory(const std::string& directory, rocksdb::Env* env);
// A slash at the end of a path says nothing.
std::string WithoutSlash(std::string path);
// "." for a name without a slash. `path` does not end in one.
std::string ParentOf(const std::string& path);

// Removes `path` and what is in it, as far as it can be removed.
void RemoveTree(const std::string& path, rocksdb::Env* env);

// Marks an open copy (FormatRecord.is_backup). The record keeps its revision:
// this is no commit of the account's. Errors: as OpenRocksDb().
absl::Status MarkAsBackup(rocksdb::DB& db, const std::string& directory);
// Whether an open store is so marked. Errors: as OpenRocksDb().
absl::StatusOr<bool> IsBackup(rocksdb::DB& db, const std::string& directory);

// What RocksDB said of `path`: UNAVAILABLE, or DATA_LOSS if that is a corrupt
// store; OK for OK. `doing` is such as "cannot read".
absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing,
                      const std::string& path);
// DATA_LOSS, with what to do.
absl::Status Corrupt(const std::string& directory, std::string_view detail);
// UNAVAILABLE, for the reason STORE_UNAVAILABLE.
absl::Status Unavailable(std::string_view sentence);

}  // namespace interlink::store
