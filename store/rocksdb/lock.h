#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/env.h"
#include "rocksdb/status.h"

namespace interlink::store {

// Who holds the store: if `status`, which opening `directory` gave, means that
// it is open elsewhere, UNAVAILABLE with the directory and the pid; else
// nullopt.
std::optional<absl::Status> ExplainLock(const rocksdb::Status& status,
                                        const std::string& directory,
                                        rocksdb::Env* env);

}  // namespace interlink::store
