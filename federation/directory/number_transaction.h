#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/directory/directory.h"
#include "federation/directory/directory_position.h"
#include "federation/ledger/ledger.h"
#include "store/database.h"
#include "store/internal_number.h"
#include "store/records.h"

namespace interlink::federation {

struct StoredNumber {
  store::v1::NumberRecord record;
  store::Revision revision;
};

// nullopt if the account has no such number. Errors: STORE_UNAVAILABLE.
absl::StatusOr<std::optional<StoredNumber>> ReadNumber(
    const store::Database& database, store::InternalNumber number);

// One commit of numbers: their records, the position to which they move the
// shared directory, and the events, together or not at all.
//
// A short-lived value: build, commit, drop. A number may be changed once.
// Threading: loop only.
class NumberTransaction {
 public:
  NumberTransaction(Ledger& ledger, const Directory& directory)
      : ledger_(ledger),
        directory_(directory),
        position_(directory.position()) {}

  void Put(store::InternalNumber number, const store::v1::NumberRecord& record);
  void Delete(store::InternalNumber number);
  // Commit() fails unless this holds.
  void Require(store::Precondition precondition) {
    preconditions_.push_back(std::move(precondition));
  }
  void Tell(store::v1::EventRecord event) { told_.push_back(std::move(event)); }

  // Errors: STORE_UNAVAILABLE, and then nothing has changed.
  absl::Status Commit();

 private:
  // Peers see `after` in the place of what the directory has now.
  void Move(store::InternalNumber number,
            const std::optional<Directory::Shared>& after);

  Ledger& ledger_;
  const Directory& directory_;
  DirectoryPosition position_;
  std::vector<store::Precondition> preconditions_;
  std::vector<store::Op> ops_;
  std::vector<store::v1::EventRecord> told_;
};

}  // namespace interlink::federation
