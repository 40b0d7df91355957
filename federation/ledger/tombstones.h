#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/ledger/row_age.h"
#include "store/database.h"
#include "store/records.h"

namespace interlink::federation {

// The rows that were removed. Their order is in memory, for lists; the rest is
// read from the store.
//
// Threading: loop only.
class Tombstones {
 public:
  // Errors: STORE_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Tombstones>> Open(
      store::Database& database);

  absl::StatusOr<std::optional<store::v1::InterlinkRecord>> Find(
      store::InterlinkId id) const;
  const std::set<RowAge>& by_age() const { return by_age_; }

 private:
  explicit Tombstones(store::Database& database) : database_(database) {}
  absl::Status Load();
  void Apply(const std::vector<store::Change>& changes);

  store::Database& database_;
  std::map<store::InterlinkId, RowAge> ages_;
  std::set<RowAge> by_age_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
