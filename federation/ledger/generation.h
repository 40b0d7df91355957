#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/observers.h"
#include "federation/identity/identity.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// How far the keys and links of this account have come: a count that every
// commit which makes, uses or ends one moves (design.md section 10, restore
// safety). Peers keep it and quote it, and so does a file beside the store: a
// store that is behind what they say is an older copy, put back.
//
// Threading: loop only.
class Generation {
 public:
  // `identity` and `database` must outlive it.
  static absl::StatusOr<std::unique_ptr<Generation>> Open(
      const Identity& identity, store::Database& database);

  uint64_t count() const { return record_.count(); }
  const store::v1::GenerationRecord& record() const { return record_; }

  // What makes it the next one, as part of a commit.
  store::Op Next() const;
  // What makes it greater than any that was ever told, also to who is away, and
  // notes how the store was found to be an older copy. So whoever quotes a
  // greater one later has seen what came after this, and lost again.
  store::Op Restored(uint64_t highest, WallTime now,
                     std::string_view sign) const;

  // What the peer of that link is to keep.
  v1::Generation ToTell(store::InterlinkId id) const;
  // The count that the peer of that link quotes; 0 if this account never told
  // it so: a peer cannot make one up.
  uint64_t Quoted(store::InterlinkId id, const v1::Generation& quote) const;

  // Told of every new count, inside the commit that makes it.
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
