#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace interlink::store {

// Seals values with AES-256-GCM, so that etcd, its snapshots and whoever reads
// them hold no secrets of an account, and cannot make or swap values.
//
// A sealed value is a byte 1 (the version), 12 random bytes (the nonce), the
// encrypted value, and 16 bytes that prove it (the tag). Version and name are
// proved along with it: under another name it does not open. Random nonces are
// safe for 2^32 values of one key.
//
// A value; copyable, and used from any thread.
class Seal {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kOverhead = 1 + 12 + 16;  // Bytes of a sealed value.

  // INVALID_ARGUMENT unless `key` has kKeyBytes.
  static absl::StatusOr<Seal> Make(std::string_view key);

  std::string Close(std::string_view name, std::string_view value) const;

  // The value that was sealed under `name`. Errors: DATA_LOSS if it was sealed
  // under another name or with another key, or was damaged, which are not told
  // apart; FAILED_PRECONDITION if a later version of the program sealed it.
  absl::StatusOr<std::string> Open(std::string_view name,
                                   std::string_view sealed) const;

 private:
  explicit Seal(std::string_view key) : key_(key) {}

  std::string key_;
};

}  // namespace interlink::store
