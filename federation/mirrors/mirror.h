#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "federation/directory/directory_position.h"
#include "federation/mirrors/mirror_index.h"
#include "federation/mirrors/omitted_entries.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// The copy of one linked account's directory: how far its parts have come, and
// what they add up to. The entries are in a MirrorIndex, with those of all
// other links.
//
// A snapshot is a new generation of entries. Until it is whole, the generation
// before it counts too; then the old entries are left for a sweep.
// Threading: none of its own; many may read while nobody writes.
class Mirror {
 public:
  using Index = MirrorIndex::LinkIndex;
  struct Limits {
    size_t per_link;
    size_t in_all;
  };

  // REQUIRES: no entry is stored under `index`.
  explicit Mirror(Index index) : index_(index) {}

  // A generation is a byte, so only so many snapshots may begin in a row that
  // never become whole.
  bool CanBeginSnapshot() const;
  void BeginSnapshot();
  bool IsLoading() const { return is_loading_; }
  // Whether parts mean anything: a snapshot has begun.
  bool TakesParts() const { return is_loading_ || is_complete_; }
  // Takes over the entries of one part. DATA_LOSS if its owner then says that
  // the directory is another; LIMIT_REACHED if there is an entry too many.
  // REQUIRES: TakesParts().
  absl::Status Take(const v1::DirectoryPart& part, MirrorIndex& entries,
                    const Limits& limits);
  // Forgets what the parts added up to; the next part has to begin a snapshot.
  void Reset();

  // Whether the entry is part of what the owner shares.
  bool Counts(const MirrorIndex::Entry& entry) const {
    return static_cast<uint8_t>(entry.generation - oldest_) <=
           static_cast<uint8_t>(newest_ - oldest_);
  }
  // One entry that does not count was erased.
  void CountSwept() { --stored_; }
  bool HasEntriesToSweep() const {
    return stored_ + omitted_.size() > position_.count;
  }

  Index index() const { return index_; }
  // Entries in the index, whether they count or not.
  size_t stored() const { return stored_; }
  bool is_complete() const { return is_complete_; }
  // What the entries add up to; the sequence is the owner's word.
  const DirectoryPosition& position() const { return position_; }
  const OmittedEntries& omitted() const { return omitted_; }

 private:
  absl::Status Put(const v1::DirectoryEntry& entry, MirrorIndex& entries,
                   const Limits& limits);
  void Remove(const std::string& digits, MirrorIndex& entries);
  // Takes the entry out of the position.
  void Subtract(const MirrorIndex::Entry& entry);

  Index index_;
  uint8_t oldest_ = 0;  // Generations that count.
  uint8_t newest_ = 0;
  bool is_complete_ = false;
  bool is_loading_ = false;
  size_t stored_ = 0;
  DirectoryPosition position_;
  OmittedEntries omitted_;
};

}  // namespace interlink::federation
