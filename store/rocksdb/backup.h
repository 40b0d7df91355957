#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"

namespace interlink::store {

// What Database::Backup() promises: a copy of `db` as of one commit, marked
// FormatRecord.is_backup, in the new `directory`, which does not lie within the
// store's own; its size in bytes.
//
// The copy is made in `directory`.partial and renamed when it is whole and
// synced. Data files are hard links where the file system allows it.
// Threading: any thread.
absl::StatusOr<uint64_t> WriteBackup(rocksdb::DB& db,
                                     const std::string& directory);

}  // namespace interlink::store
