#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "store/batch.h"

namespace interlink::store {

// Commits that are written and synced together: all of them, or none.
//
// Threading: one thread, the only one that writes. Lifetime: the arguments must
// outlive it.
class Group {
 public:
  // The store in `directory` is at `revision`.
  Group(rocksdb::DB& db, const std::string& directory, Revision revision)
      : db_(db), directory_(directory), revision_(revision) {}

  // Adds a commit if its preconditions hold in what the store and the commits
  // before it leave, and returns its revision. Errors: as Database::Done, and
  // then nothing was added.
  absl::StatusOr<Revision> Add(const Batch& batch);

  absl::Status Write();

  Revision revision() const { return revision_; }  // Of the last commit.

 private:
  absl::Status Check(const Precondition& precondition) const;
  // nullopt if there is no such key.
  absl::StatusOr<std::optional<Revision>> RevisionOf(
      const std::string& key) const;

  rocksdb::DB& db_;
  const std::string& directory_;
  Revision revision_;
  // What its commits change: which of them did last, nullopt if it deleted the
  // key.
  std::map<std::string, std::optional<Revision>> changed_;
  rocksdb::WriteBatch written_;
  rocksdb::Status status_;  // Of `written_`.
};

}  // namespace interlink::store
