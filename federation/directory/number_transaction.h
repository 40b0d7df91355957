#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "federation/directory/directory.h"
#include "federation/directory/directory_position.h"
#include "federation/ledger/draft.h"
#include "store/internal_number.h"
#include "store/records.h"

namespace interlink::federation {

// The record of a number in what Get() of a database or of a draft has
// returned; nullopt if there is no such number. Errors: STORE_UNAVAILABLE.
absl::StatusOr<std::optional<store::v1::NumberRecord>> NumberIn(
    const absl::StatusOr<std::optional<store::Entry>>& entry);

// What one decision changes of numbers: their records, the position to which
// they move the shared directory, and the events.
//
// A short-lived value: build, finish, drop. A number may be changed once.
// Threading: loop only.
class NumberTransaction {
 public:
  NumberTransaction(const Draft& draft, const Directory& directory)
      : draft_(draft), directory_(directory) {}

  // `before` is the record that the draft has; nullopt if it has none.
  void Put(store::InternalNumber number,
           const std::optional<store::v1::NumberRecord>& before,
           const store::v1::NumberRecord& record);
  void Delete(store::InternalNumber number,
              const store::v1::NumberRecord& before);
  void Tell(store::v1::EventRecord event) {
    changes_.events.push_back(std::move(event));
  }

  // Errors: STORE_UNAVAILABLE.
  absl::StatusOr<Changes> Finish();

 private:
  // Peers see `after` in the place of `before`.
  void Move(store::InternalNumber number,
            const std::optional<Directory::Shared>& before,
            const std::optional<Directory::Shared>& after);

  const Draft& draft_;
  const Directory& directory_;
  Changes changes_;
  // From the draft's position to the one that the changes make; sums wrap.
  DirectoryPosition moved_;
};

}  // namespace interlink::federation
