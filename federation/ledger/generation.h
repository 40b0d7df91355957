#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/observers.h"
#include "federation/base/randomness.h"
#include "federation/identity/identity.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// A count of the commits that make, use or end a key or a link (design.md
// section 10, restore safety). Peers and a file beside the
// store keep it and quote it: if a quote is ahead of the store, somebody has
// put back an older copy of the store.
//
// The copy may have counted as far by then. So each run begins to count at a
// random distance from the run before it, and a quote from the gap between the
// two shows the copy as well.
//
// Threading: loop only.
class Generation {
 public:
  // `identity` and `database` must outlive it.
  static absl::StatusOr<std::unique_ptr<Generation>> Open(
      const Identity& identity, store::Database& database,
      Randomness& randomness);

  uint64_t count() const { return record_.count(); }
  const store::v1::GenerationRecord& record() const { return record_; }

  // The operation that increments the count, for a commit.
  store::Op Next() const;
  // The operation that makes the count greater than any that was ever told,
  // even to peers that are away now, and notes how the store was found to be an
  // older copy. A greater quote after that means that the store was put back
  // again.
  store::Op Restored(uint64_t highest, WallTime now,
                     std::string_view sign) const;

  // The generation that the peer of link `id` is to keep.
  v1::Generation ToTell(store::InterlinkId id) const;
  // Whether the peer of link `id` quotes a count that the account has told it
  // and that this store has never had.
  bool IsOfAnotherStore(store::InterlinkId id,
                        const v1::Generation& quote) const;

  // Called with every new count, inside the commit that makes it.
  Observers<uint64_t>& observers() { return observers_; }

 private:
  Generation(const Identity& identity, store::Database& database,
             uint64_t first_step)
      : identity_(identity), database_(database), first_step_(first_step) {}
  absl::Status Load();
  void Apply(const store::Change& change);

  const Identity& identity_;
  store::Database& database_;
  // How far into its part of the counts this run begins.
  const uint64_t first_step_;
  bool has_counted_ = false;
  store::v1::GenerationRecord record_;
  Observers<uint64_t> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
