#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/batch.h"
#include "store/follower.h"

namespace interlink::store {

// A key, its value, and the commit that wrote it.
struct Entry {
  std::string key;
  std::string value;
  Revision revision = 0;
};

// The account's state on disk (design.md section 11).
//
// A commit is atomic and, once it has been answered with OK, survives kill -9
// and power loss. The interface fits an embedded engine and a replicated one
// such as etcd: hence preconditions instead of locks, and the limits.
//
// Get() and Scan() show the commits that followers were told of, and no others.
//
// Threading: Get(), Scan(), Backup() from any thread; the rest from the loop.
// Errors: UNAVAILABLE with the reason STORE_UNAVAILABLE if the engine cannot
// read or write. After a commit that failed so, it is unknown whether its
// changes are on the disk until Reopen(), or the next start, has read it again.
class Database {
 public:
  // A commit of the rules has at most this many ops, so that any engine can
  // take it; a commit of a bulk import has at most max_bulk_ops().
  static constexpr size_t kMaxOps = 100;

  // Gets the new revision; ABORTED, naming the key, if a precondition does not
  // hold; UNAVAILABLE if it is unknown what became of the commit, or none is
  // taken; INVALID_ARGUMENT for a batch beyond the limits (CheckLimits()).
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;

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

  // Begins a commit and returns. `done` is called on the loop once the commit
  // is synced and every follower was told of all of it; it may begin others,
  // and is dropped if the database is destroyed first. Commits are made in the
  // order in which they were begun: a precondition is about what the ones
  // before leave. Those that wait for the disk are synced together.
  virtual void Commit(Batch batch, Done done) = 0;

  // The same, and waits for it: for a start, before the loop runs.
  virtual absl::StatusOr<Revision> Commit(
      const std::vector<Precondition>& preconditions,
      const std::vector<Op>& ops) = 0;

  virtual size_t max_bulk_ops() const = 0;

  // The revision of the latest commit that was told, 0 for a new database.
  virtual Revision revision() const = 0;

  // Calls `follower` for every later commit that changes keys with `prefix`. A
  // table begins with Follow() and then Scan(); no commit comes between the
  // two. A follower must not commit; it may end any subscription and begin
  // others.
  virtual std::unique_ptr<Subscription> Follow(std::string prefix,
                                               Follower follower) = 0;

  // Writes a consistent copy into `directory`, which must not exist, and
  // returns its size in bytes.
  virtual absl::StatusOr<uint64_t> Backup(const std::string& directory) = 0;

  // OK, or the failed write since which no commit is taken. Any thread.
  virtual absl::Status failure() const = 0;

  // Sets a function that is called when a write has failed, before the commit
  // is answered. Loop only.
  virtual void OnFailure(std::function<void()> failed) = 0;

  // Ends a failure(), once the disk can be written again, by reading what the
  // disk holds. If the commits whose write failed are there, followers are told
  // of them as of any others. Does nothing if there is no failure. Errors:
  // UNAVAILABLE if the disk cannot be written yet; try again later.
  virtual absl::Status Reopen() = 0;
};

}  // namespace interlink::store
