#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/follower.h"

namespace interlink::store {

// A key, its value, and the commit that wrote it.
struct Entry {
  std::string key;
  std::string value;
  Revision revision = 0;
};

// What must hold for a commit to happen.
struct Precondition {
  static Precondition Absent(std::string key) { return {std::move(key), 0}; }
  static Precondition AtRevision(std::string key, Revision revision) {
    return {std::move(key), revision};
  }

  std::string key;
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

// The account's state on disk (design.md section 11).
//
// A commit is atomic and, once Commit() has returned OK, survives kill -9 and
// power loss. The interface fits an embedded engine and a replicated one such
// as etcd: hence preconditions instead of locks, and the limits.
//
// Threading: Get(), Scan(), Backup() from any thread; the rest from the loop.
// Errors: UNAVAILABLE with the reason STORE_UNAVAILABLE if the engine cannot
// read or write. After a Commit() that failed so, it is unknown whether its
// changes are on the disk until Reopen(), or the next start, has read it again.
class Database {
 public:
  static constexpr size_t kMaxValueBytes = 64 * 1024;
  // A commit of the rules has at most this many ops, so that any engine can
  // take it; a commit of a bulk import has at most max_bulk_ops().
  static constexpr size_t kMaxOps = 100;

  // Keeps a follower in the feed; destroying it takes the follower out.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~Database() = default;

  // The entry of `key`, or nullopt if there is none.
  virtual absl::StatusOr<std::optional<Entry>> Get(
      std::string_view key) const = 0;

  // The entries whose keys begin with `prefix` and come after `after`, in the
  // order of their keys, at most `limit` of them (0: all).
  virtual absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                                  std::string_view after = {},
                                                  size_t limit = 0) const = 0;

  // Applies all of `ops` if all of `preconditions` hold, and returns the new
  // revision; ABORTED, naming the key, if one does not hold. INVALID_ARGUMENT
  // for a value or a commit that is too large, or a key that is changed twice.
  // Before it returns OK the change is synced, and every follower was told.
  virtual absl::StatusOr<Revision> Commit(
      const std::vector<Precondition>& preconditions,
      const std::vector<Op>& ops) = 0;

  virtual size_t max_bulk_ops() const = 0;

  // The revision of the latest commit, 0 for a new database.
  virtual Revision revision() const = 0;

  // Calls `follower`, from within Commit(), for every later commit that changes
  // keys with `prefix`. A table begins with Follow() and then Scan(); no commit
  // comes between the two. A follower must not commit; it may end any
  // subscription and begin others.
  virtual std::unique_ptr<Subscription> Follow(std::string prefix,
                                               Follower follower) = 0;

  // Writes a consistent copy into `directory`, which must not exist, and
  // returns its size in bytes.
  virtual absl::StatusOr<uint64_t> Backup(const std::string& directory) = 0;

  // OK, or the failed write since which no commit is taken. Any thread.
  virtual absl::Status failure() const = 0;

  // Sets a function that a Commit() calls when its write fails. Loop only.
  virtual void OnFailure(std::function<void()> failed) = 0;

  // Ends a failure(), once the disk can be written again, by reading what the
  // disk holds. If the commit whose write failed is there, followers are told
  // of it as of any other. Does nothing if there is no failure. Errors:
  // UNAVAILABLE if the disk cannot be written yet; try again later.
  virtual absl::Status Reopen() = 0;
};

}  // namespace interlink::store
