#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"

// The files of a store, and how this program opens them with RocksDB. All
// errors are as those of OpenRocksDb().
namespace interlink::store {

// The directory, within that of a store, into which a restore copies first.
inline constexpr std::string_view kRestorePartial = "restore.partial";

// Opens the files in `directory`: those of a store, which is made if there is
// none, those of a fresh copy of one, or those of any store, only to read them:
// kReadOnly neither locks, checks nor changes them.
enum class OpenMode { kStore, kCopy, kReadOnly };
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenFiles(
    const std::string& directory, rocksdb::Env* env, OpenMode mode);

// Every write waits for the disk.
rocksdb::WriteOptions Synced();

// Whether a file of this name is part of a store.
bool IsStoreFile(std::string_view name);

}  // namespace interlink::store
