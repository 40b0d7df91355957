#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/batch.h"
#include "store/follower.h"

namespace interlink::store {

class LocalCopy;

// Commits, each within the limits of EtcdDatabase, that become one transaction
// of etcd: all of them, or none.
//
// They are decided here, on the local copy; the transaction compares only that
// the copy is still what etcd holds.
//
// Threading: the loop. Lifetime: `copy` must outlive it.
class EtcdGroup {
 public:
  // The copy is at `revision`.
  EtcdGroup(const LocalCopy& copy, Revision revision)
      : copy_(copy), revision_(revision) {}

  // Whether there is room for a commit; an empty group has it for any.
  bool HasRoomFor(const Batch& batch) const;
  // Adds a commit if its preconditions hold in what the copy and the commits
  // before it leave, and returns its revision. ABORTED if not.
  absl::StatusOr<Revision> Add(const Batch& batch);

  // What the commits change, of each key the last: in the order of the ops.
  const std::vector<Change>& changes() const { return changes_; }
  Revision revision() const { return revision_; }  // Of the last commit.

 private:
  std::optional<Revision> RevisionOf(const std::string& key) const;

  const LocalCopy& copy_;
  Revision revision_;
  std::vector<Change> changes_;
  std::map<std::string, size_t> places_;  // In `changes_`.
  size_t bytes_ = 0;
};

}  // namespace interlink::store
