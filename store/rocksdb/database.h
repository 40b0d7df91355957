#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/writer.h"

namespace rocksdb {
class Env;
}

namespace interlink::store {

// Opens the database in `directory`, and makes it (mode 0700) if it does not
// exist. `env` is RocksDB's view of the disk, nullptr for the real one; tests
// pass rocksdb::NewMemEnv(). It must outlive the database. `workplace` is the
// loop that owns the database, and who writes.
//
// Errors: UNAVAILABLE if another process has the database open (the message
// names the directory and the pid), or if the disk refuses; DATA_LOSS if the
// database is corrupt; FAILED_PRECONDITION if a later version of the program
// wrote it. The messages say what to do.
absl::StatusOr<std::unique_ptr<Database>> OpenRocksDb(
    const std::string& directory, rocksdb::Env* env = nullptr,
    Workplace workplace = {});

}  // namespace interlink::store
