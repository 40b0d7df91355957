#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "store/database.h"

// Database::Get() and Scan() of the store in `directory`, as of `snapshot`;
// nullptr: as it is now. Threading: any.
namespace interlink::store {

absl::StatusOr<std::optional<Entry>> ReadEntry(
    rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
    const std::string& directory, std::string_view key);

absl::StatusOr<std::vector<Entry>> ReadEntries(
    rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
    const std::string& directory, std::string_view prefix,
    std::string_view after, size_t limit);

}  // namespace interlink::store
