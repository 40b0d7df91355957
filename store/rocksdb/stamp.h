#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/follower.h"

// A value as it lies on disk: eight bytes of revision, highest first, then the
// value proper.
namespace interlink::store {

// The key under which every commit writes the revision of the database. It is
// outside the key space of the Database interface, whose keys do not begin with
// a zero byte.
inline constexpr std::string_view kRevisionKey("\0revision", 9);

std::string Stamp(Revision revision, std::string_view value);

struct Stamped {
  Revision revision;
  std::string_view value;
};
// Reads a stamped value of the store in `directory`. DATA_LOSS if `bytes` is
// too short to be one.
absl::StatusOr<Stamped> ParseStamped(const std::string& directory,
                                     std::string_view bytes);

}  // namespace interlink::store
