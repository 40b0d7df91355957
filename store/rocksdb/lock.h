#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/env.h"
#include "rocksdb/status.h"

namespace interlink::store {

// Explains `status`, the result of opening `directory`, if it means that the
// store is open elsewhere: UNAVAILABLE, with the directory and the pid. nullopt
// if it means something else.
std::optional<absl::Status> ExplainLock(const rocksdb::Status& status,
                                        const std::string& directory,
                                        rocksdb::Env* env);

}  // namespace interlink::store
