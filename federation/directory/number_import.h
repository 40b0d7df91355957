#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/event_loop.h"
#include "federation/base/settings.h"
#include "federation/directory/directory.h"
#include "federation/ledger/ledger.h"
#include "store/internal_number.h"
#include "store/records.h"

namespace interlink::federation {

// The decision on one chunk of an import of numbers, which is stored as a whole
// or not at all. If several lines name the same number, the last one wins.
//
// A short-lived value: run, drop. Threading: loop only.
class NumberImport {
 public:
  // `count`: numbers that the account has in the draft.
  NumberImport(const Draft& draft, const Directory& directory,
               const AccountSettings& settings, WallTime now, size_t count);

  // The outcome of this chunk, and what it changes: nothing if a line is
  // refused or with validate_only. Errors: STORE_UNAVAILABLE.
  absl::StatusOr<Decided<api::ImportNumbersResponse>> Run(
      const api::ImportNumbersRequest& chunk);

 private:
  using Entry = api::ImportNumbersRequest::Entry;

  // Takes in one line; the error says why it is refused.
  absl::Status Add(const Entry& entry);
  absl::StatusOr<Changes> Finish() const;

  // What one number becomes.
  struct Put {
    std::optional<store::v1::NumberRecord> before;  // In the draft.
    store::v1::NumberRecord record;
  };

  const Draft& draft_;
  const Directory& directory_;
  const AccountSettings& settings_;
  const WallTime now_;
  const size_t count_;  // Numbers before the chunk.
  std::map<store::InternalNumber, Put> puts_;
  size_t created_ = 0;
  size_t updated_ = 0;
  size_t made_private_ = 0;
  size_t made_shared_ = 0;
  size_t unchanged_ = 0;
};

// Numbers that the account has in `draft`. Errors: STORE_UNAVAILABLE.
absl::StatusOr<size_t> CountIn(const Draft& draft, const Directory& directory);

// Adds the outcome of one chunk to that of the import.
void AddChunk(api::ImportNumbersResponse chunk,
              api::ImportNumbersResponse& summary);

}  // namespace interlink::federation
