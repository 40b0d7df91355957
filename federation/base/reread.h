#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/database.h"

namespace interlink::federation {

// The changes that make a table with the keys `known` hold what the store has
// under `prefix`: for a start and for store::Follower::on_reset alike.
// Errors: STORE_UNAVAILABLE.
absl::StatusOr<std::vector<store::Change>> Reread(
    const store::Database& database, std::string_view prefix,
    std::set<std::string> known);

// Ends the process if `status`, of a table that was to be read anew, is not OK:
// what is in memory is wrong then, and a start says what is amiss.
void CheckReread(const absl::Status& status);

}  // namespace interlink::federation
