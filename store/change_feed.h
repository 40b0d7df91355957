#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "store/database.h"

namespace interlink::store {

// The latest changes of a database, and those who watch for more: what
// Database::Watch() promises, for an engine that has no change feed of its own.
//
// It remembers the last kMaxChanges changes, and of these as many as fit in
// kMaxBytes. A watcher may end any subscription, its own too, and may start
// new ones; a subscription may outlive the feed.
//
// Threading: one thread.
class ChangeFeed {
 public:
  static constexpr size_t kMaxChanges = 1024;
  static constexpr size_t kMaxBytes = 1024 * 1024;

  // For a database that is at revision `from`: earlier changes are unknown.
  explicit ChangeFeed(Revision from) : latest_(from), forgotten_(from) {}

  // Remembers the changes of the commit `revision`, then tells the watchers.
  // Not to be called by a watcher.
  void Publish(Revision revision, const std::vector<Op>& ops);
  // Whether a watcher is being called.
  bool telling() const { return telling_ > 0; }

  // As Database::Watch().
  absl::StatusOr<std::unique_ptr<Database::Subscription>> Watch(
      std::string prefix, Revision from, Database::Watcher watcher);

 private:
  struct Watcher {
    // Calls `call` if `change` is of interest.
    void Tell(const Change& change);

    std::string prefix;
    Revision from;
    Database::Watcher call;
  };
  class Subscription;

  void Remember(Change change);
  void ForgetOldest();

  std::deque<Change> changes_;  // In the order of their commits.
  size_t bytes_ = 0;            // Of keys and values in `changes_`.
  Revision latest_;
  Revision forgotten_;  // Changes up to this one may be missing.
  // A subscription owns its watcher, so an ended one expires here.
  std::vector<std::weak_ptr<Watcher>> watchers_;
  int telling_ = 0;  // Calls of Publish() and Watch() in progress.
};

}  // namespace interlink::store
