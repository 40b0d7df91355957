#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/status.h"

// What RocksDB's errors mean to an administrator.
namespace interlink::store {

// The error of doing something to `path`, such as "cannot read": UNAVAILABLE,
// or DATA_LOSS if `status` says that the store is corrupt. OK for OK.
absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing,
                      const std::string& path);

// DATA_LOSS, with what to do.
absl::Status Corrupt(const std::string& directory, std::string_view detail);

// UNAVAILABLE, with the reason STORE_UNAVAILABLE.
absl::Status Unavailable(std::string_view sentence);

}  // namespace interlink::store
