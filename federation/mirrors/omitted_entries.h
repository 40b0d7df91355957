#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "federation/directory/directory_position.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// What a peer shares that cannot be a number: it counts in the position of the
// peer's directory, and is not kept. A bounded number of them is remembered,
// each as what it adds to the digest.
//
// Threading: one thread at a time.
class OmittedEntries {
 public:
  // Each moves `position` as well. False if there are too many.
  bool Add(const v1::DirectoryEntry& entry, DirectoryPosition& position);
  void Remove(const std::string& digits, DirectoryPosition& position);
  void Clear() { digests_.clear(); }

  // OK if there are none.
  absl::Status InWords() const;

 private:
  static constexpr size_t kMost = 1'000;

  // By the digest of the number alone.
  std::map<DirectoryDigest, DirectoryDigest> digests_;
  std::string example_;
};

}  // namespace interlink::federation
