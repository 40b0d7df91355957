#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/database.h"

namespace interlink::federation {

// The changes that bring a table with the keys `known` to what the store holds
// under `prefix`, at a start and in store::Follower::on_reset alike.
// Errors: STORE_UNAVAILABLE.
absl::StatusOr<std::vector<store::Change>> Reread(
    const store::Database& database, std::string_view prefix,
    std::set<std::string> known);

// Ends the process unless a table could be read anew: what is in memory is
// wrong then, and the next start says what is amiss.
void CheckReread(const absl::Status& status);

}  // namespace interlink::federation
