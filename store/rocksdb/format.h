#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "store/follower.h"

// What an open store says of itself. All errors are as those of OpenRocksDb().
namespace interlink::store {

// The revision of the store, whose format this program must know; 0 for a new
// store, which is given its format.
absl::StatusOr<Revision> ReadRevision(rocksdb::DB& db,
                                      const std::string& directory);

// Marks an open copy (FormatRecord.is_backup). The record keeps its revision,
// because this is no commit of the account.
absl::Status MarkAsBackup(rocksdb::DB& db, const std::string& directory);
// Whether an open store is marked as a backup.
absl::StatusOr<bool> IsBackup(rocksdb::DB& db, const std::string& directory);

}  // namespace interlink::store
