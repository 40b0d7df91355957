#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace interlink::store {

// What is to become of a backup.
enum class RestoreMode {
  kSameAccount,  // The account goes on as it was when the copy was made.
  kAsNew,        // Another account with the same numbers, and with no link.
};

// Puts a copy of the backup in `from` into `directory`, which may exist but
// holds no store. `from` stays as it is, and nobody can open it meanwhile.
//
// If it is cut short, the store cannot be opened until it was done again: the
// copy is made and checked in `directory`/restore.partial first.
// Errors: ALREADY_EXISTS if there is a store in `directory`; NOT_FOUND if there
// is none in `from`; FAILED_PRECONDITION if that one is not marked as a backup:
// it is an account's own, which would then run twice; UNAVAILABLE if it is
// open; else as OpenRocksDb(). The messages say what to do.
absl::Status RestoreRocksDb(const std::string& from,
                            const std::string& directory, RestoreMode mode,
                            rocksdb::Env* env = nullptr);

}  // namespace interlink::store
