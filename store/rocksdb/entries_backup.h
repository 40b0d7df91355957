#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "store/database.h"

namespace interlink::store {

// Database::Backup() of an account that lies in no directory: writes `entries`,
// all of the account as of `revision`, as if they had been in one. As
// WriteBackup() of a store.
//
// Threading: any thread.
absl::StatusOr<uint64_t> WriteBackup(const std::vector<Entry>& entries,
                                     Revision revision,
                                     const std::string& directory);

}  // namespace interlink::store
