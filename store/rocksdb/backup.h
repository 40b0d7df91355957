#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"

namespace interlink::store {

// Database::Backup(): copies `db`, as of one commit and marked
// FormatRecord.is_backup, into `directory`, which must not exist and must lie
// outside the store. Returns the size in bytes.
//
// The copy is made in `directory`.partial and renamed when it is whole and
// synced. Data files are hard links where the file system allows them.
//
// Threading: any thread.
absl::StatusOr<uint64_t> WriteBackup(rocksdb::DB& db,
                                     const std::string& directory);

}  // namespace interlink::store
