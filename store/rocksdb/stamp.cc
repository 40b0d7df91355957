#include "store/rocksdb/stamp.h"

#include <cstddef>
#include <cstdint>

#include "store/rocksdb/errors.h"

namespace interlink::store {
namespace {

constexpr size_t kRevisionBytes = 8;

}  // namespace

std::string Stamp(Revision revision, std::string_view value) {
  std::string bytes;
  bytes.reserve(kRevisionBytes + value.size());
  for (size_t i = kRevisionBytes; i > 0; --i) {
    bytes += static_cast<char>(revision >> 8 * (i - 1) & 0xff);
  }
  return bytes += value;
}

absl::StatusOr<Stamped> ParseStamped(const std::string& directory,
                                     std::string_view bytes) {
  if (bytes.size() < kRevisionBytes) {
    return Corrupt(directory, "a value lacks its revision");
  }
  Stamped stamped{0, bytes.substr(kRevisionBytes)};
  for (char byte : bytes.substr(0, kRevisionBytes)) {
    stamped.revision = stamped.revision << 8 | static_cast<uint8_t>(byte);
  }
  return stamped;
}

}  // namespace interlink::store
