#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/ledger/call_secrets.h"
#include "federation/ledger/ledger.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Finds out whether the store is an older copy of itself that was put back, and
// acts on it (design.md section 10, restore safety).
//
// Its pending keys may have been used since, so they are revoked. Its links
// stay, and those that were deleted since end at their peers' word. A deletion
// that was made since and not delivered is lost; the event and the status say
// so. The call secret is replaced, because whoever has the copy has it too.
// Threading: loop only. Lifetime: the arguments must outlive it.
class Restoration {
 public:
  Restoration(Ledger& ledger, const CallSecrets& call_secrets)
      : ledger_(ledger), call_secrets_(call_secrets) {}

  // Checks, before anything else at a start, whether Backup made this store, or
  // whether it is behind `highest`, the generation that was noted outside of it
  // (0: none). Errors: STORE_UNAVAILABLE.
  absl::Status CheckAtStart(uint64_t highest);

  // Checks the generation that the proven peer of that link was once told.
  // `done` is called at once if the quote is no news. Errors:
  // STORE_UNAVAILABLE, and then the peer has to quote it again.
  void CheckQuote(store::InterlinkId id, const v1::Generation& quote,
                  Decisions::Done done);

  // Revokes the key of a PENDING row. Called when an account has proved that it
  // has redeemed the key, so that this store must be an older copy.
  void RevokeUsedKey(store::InterlinkId id, Decisions::Done done);

 private:
  // Adds to `transaction` the next step of what follows from a restore; whether
  // it is the last one. `sign`: how the store was found to be an older copy.
  absl::StatusOr<bool> AddStep(uint64_t highest, std::string_view sign,
                               Transaction& transaction) const;
  absl::Status NoteAtStart(uint64_t highest, std::string_view sign);

  Ledger& ledger_;
  const CallSecrets& call_secrets_;
};

}  // namespace interlink::federation
