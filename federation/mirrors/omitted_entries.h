#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "federation/directory/directory_position.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Entries of a peer's directory that cannot be numbers. They count in its
// position and are not kept: only the digests of a bounded number of them are.
//
// Threading: one thread at a time.
class OmittedEntries {
 public:
  // Also adds the entry to `position`. False if there are too many.
  bool Add(const v1::DirectoryEntry& entry, DirectoryPosition& position);
  // Also takes the entry out of `position`. There may be none.
  void Remove(const std::string& digits, DirectoryPosition& position);
  void Clear() { digests_.clear(); }
  size_t size() const { return digests_.size(); }

  // For the administrator; OK if there are none.
  absl::Status InWords() const;

 private:
  static constexpr size_t kMost = 1'000;

  // By the digest of the number alone.
  std::map<DirectoryDigest, DirectoryDigest> digests_;
  std::string example_;
};

}  // namespace interlink::federation
