#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace interlink::store {

// Counts the commits of a database; the first commit makes 1. An entry carries
// the revision that last wrote it.
using Revision = uint64_t;

// What a commit made of a key; `value` is nullopt if it deleted the key.
struct Change {
  std::string key;
  std::optional<std::string> value;
  Revision revision = 0;
};

// A table in memory that follows what the store holds under a prefix.
//
// Each commit goes to all followers before any of them tells others about it,
// so an observer that is told finds the whole commit in every table.
struct Follower {
  // Takes over one commit: its changes under the prefix, at least one, in the
  // order of its ops. Must not call code that reads other tables.
  absl::AnyInvocable<void(Revision, const std::vector<Change>&)> on_commit;
  // Takes over what Scan() and Get() find now: the store is not what the
  // commits so far would make, because some were missed or it was opened anew.
  absl::AnyInvocable<void()> on_reset;
  // Tells others. Called after on_commit or on_reset, once all followers have
  // taken over the same commit or reset. nullptr if there is nobody to tell.
  absl::AnyInvocable<void()> tell = nullptr;
};

}  // namespace interlink::store
