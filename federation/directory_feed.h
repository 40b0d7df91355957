#pragma once

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "federation/directory.h"
#include "federation/directory_position.h"
#include "federation/numbers.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/internal_number.h"

namespace interlink::federation {

// What one session still has to send of this account's shared directory: a
// snapshot in parts, then what has changed, each number as it is when its part
// is made. So a slow peer costs a set of numbers at most, and too large a set
// becomes a new snapshot.
//
// Threading: loop only. Lifetime: the arguments must outlive it.
class DirectoryFeed {
 public:
  // Of the entries of a part, so that a message stays within 64 KiB.
  static constexpr size_t kPartBytes = 56 * 1024;

  DirectoryFeed(const Numbers& numbers, const Directory& directory)
      : numbers_(numbers), directory_(directory) {}

  // The peer asks for the directory.
  void Subscribe(const v1::Subscribe& request);
  // Peers see this number otherwise than before.
  void NumberChanged(store::InternalNumber number);

  bool HasPart() const {
    return is_on_ && (is_snapshot_ || !changed_.empty() || owes_position_);
  }
  // REQUIRES: HasPart(). Errors: STORE_UNAVAILABLE; ask again later.
  absl::StatusOr<v1::DirectoryPart> NextPart();

 private:
  void BeginSnapshot();
  absl::Status AddSnapshot(v1::DirectoryPart& part, size_t& bytes);
  void AddChanges(v1::DirectoryPart& part, size_t& bytes);

  const Numbers& numbers_;
  const Directory& directory_;
  bool is_on_ = false;
  bool is_snapshot_ = false;
  // The snapshot's last number so far; nullopt: it has not begun.
  std::optional<store::InternalNumber> sent_to_;
  // Numbers to be sent anew; those after `sent_to_` come with the snapshot.
  absl::flat_hash_set<store::InternalNumber> changed_;
  // The parts so far did not yet say where the directory is.
  bool owes_position_ = false;
};

}  // namespace interlink::federation
