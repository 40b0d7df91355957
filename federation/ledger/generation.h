#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/observers.h"
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
// Threading: loop only.
class Generation {
 public:
  // `identity` and `database` must outlive it.
  static absl::StatusOr<std::unique_ptr<Generation>> Open(
      const Identity& identity, store::Database& database);

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
  // The count that the peer of link `id` quotes; 0 unless this account has told
  // the peer that count.
  uint64_t Quoted(store::InterlinkId id, const v1::Generation& quote) const;

  // Called with every new count, inside the commit that makes it.
  Observers<uint64_t>& observers() { return observers_; }

 private:
  Generation(const Identity& identity, store::Database& database)
      : identity_(identity), database_(database) {}
  absl::Status Load();
  void Apply(const store::Change& change);

  const Identity& identity_;
  store::Database& database_;
  store::v1::GenerationRecord record_;
  Observers<uint64_t> observers_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
