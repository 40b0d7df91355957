#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "federation/ledger/ledger.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What an account does when it finds that its store is an older copy of itself,
// put back (design.md section 10, restore safety).
//
// Keys that are pending in it may have been used since, so they are void; links
// stay, and those that were deleted since end at their peers' word. A deletion
// that was made since and never delivered is lost with it: the event and the
// status say so.
// Threading: loop only. Lifetime: `ledger` must outlive it.
class Restoration {
 public:
  explicit Restoration(Ledger& ledger) : ledger_(ledger) {}

  // Before anything else at a start: whether the store is a copy that Backup
  // made, or is behind `highest`, the generation that was noted outside of it
  // (0: none was). Errors: STORE_UNAVAILABLE.
  absl::Status CheckAtStart(uint64_t highest);

  // The peer of that link, proved to be it, quotes what it was told. Errors:
  // STORE_UNAVAILABLE, and then it has to be told again.
  absl::Status Heard(store::InterlinkId id, const v1::Generation& quote);

  // Somebody has proved to have redeemed the key of a PENDING row, so this
  // store has forgotten it.
  absl::Status RevokeUsedKey(const Row& row);

 private:
  absl::Status Restored(uint64_t highest, std::string_view sign);
  absl::Status RevokePendingKeys();

  Ledger& ledger_;
};

}  // namespace interlink::federation
