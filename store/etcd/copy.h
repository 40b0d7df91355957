#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "store/database.h"

namespace interlink::store {

// What followers know of an account, in memory: what Database reads under an
// engine whose data lies on other machines.
//
// Threading: Get(), Scan() and Backup() from any thread; the rest from the
// loop.
class LocalCopy {
 public:
  LocalCopy(Revision revision, std::vector<Entry> entries) {
    Replace(revision, std::move(entries));
  }

  // As those of Database.
  absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const;
  absl::StatusOr<std::vector<Entry>> Scan(std::string_view prefix,
                                          std::string_view after,
                                          size_t limit) const;

  // Writes it as a backup of the engine that lies on a disk, as Database.
  absl::StatusOr<uint64_t> Backup(const std::string& directory) const;

  // nullopt if there is no such key.
  std::optional<Revision> RevisionOf(std::string_view key) const;
  // Makes the commit `revision` visible, as a whole.
  void Apply(Revision revision, std::vector<Change> changes);
  void Replace(Revision revision, std::vector<Entry> entries);
  // Nothing is read any more: Get() and Scan() return `reason`.
  void Close(absl::Status reason);

 private:
  struct Stored {
    std::string value;
    Revision revision;
  };
  using Entries = std::map<std::string, Stored, std::less<>>;

  mutable absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  Revision revision_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::store
