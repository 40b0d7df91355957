#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}

namespace interlink::store {

// What a backup becomes.
enum class RestoreMode {
  kSameAccount,  // The account goes on as it was when the copy was made.
  kAsNew,        // A new account with the same numbers and no link.
};

// Copies the backup in `from` into `directory`, which may exist but must hold
// no store. The backup stays as it is, and cannot be opened meanwhile.
//
// The copy is made and checked in `directory`/restore.partial first. If the
// restore is cut short, the store cannot be opened until it is run again.
//
// Errors: ALREADY_EXISTS if `directory` holds a store, or is `from`;
// INVALID_ARGUMENT if `from` is `directory`/restore.partial; NOT_FOUND if
// `from` holds none; FAILED_PRECONDITION if the store in `from` is not marked
// as a backup, so that the account would run twice; UNAVAILABLE if the backup
// or the store in `directory` is open, or another restore into `directory`
// runs; DATA_LOSS, with the name of the damaged file, if the backup cannot be
// read; else as OpenRocksDb(). The messages say what to do.
absl::Status RestoreRocksDb(const std::string& from,
                            const std::string& directory, RestoreMode mode,
                            rocksdb::Env* env = nullptr);

}  // namespace interlink::store
