#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/follower.h"

namespace interlink::store {

// What must hold for a commit to happen.
struct Precondition {
  static Precondition Absent(std::string key) { return {std::move(key), 0}; }
  static Precondition AtRevision(std::string key, Revision revision) {
    return {std::move(key), revision};
  }
  // The whole database is as it was after the commit `revision`: nothing that
  // was read then has changed.
  static Precondition Unchanged(Revision revision) { return {{}, revision}; }

  std::string key;    // Empty: the database.
  Revision revision;  // 0: the key must be absent.
};

// One change of a commit.
struct Op {
  static Op Put(std::string key, std::string value) {
    return {std::move(key), std::move(value)};
  }
  static Op Delete(std::string key) { return {std::move(key), std::nullopt}; }

  std::string key;
  std::optional<std::string> value;  // nullopt: delete.
};

// One commit: all of `ops` if all of `preconditions` hold, or nothing.
struct Batch {
  std::vector<Precondition> preconditions;
  std::vector<Op> ops;
};

inline constexpr size_t kMaxValueBytes = 64 * 1024;
// Room for the largest commit of rules, Database::kMaxOps such values.
inline constexpr size_t kMaxCommitBytes = 8 * 1024 * 1024;

// The bytes of the keys and values of `ops`.
size_t BytesOf(const std::vector<Op>& ops);

// INVALID_ARGUMENT if `batch` has a value that is too large, more than
// `max_ops` changes or preconditions, or more than `max_bytes`, changes a key
// twice, or changes a key of the engine's own.
absl::Status CheckLimits(const Batch& batch, size_t max_ops,
                         size_t max_bytes = kMaxCommitBytes);

// ABORTED, naming the key, unless `precondition` holds in a database at
// revision `database` whose key, if there is one, is at revision `key`.
absl::Status CheckHolds(const Precondition& precondition, Revision database,
                        std::optional<Revision> key);

// Whether a key may be written; the others belong to the engine.
bool IsUserKey(std::string_view key);

}  // namespace interlink::store
