#include "store/rocksdb/errors.h"

namespace interlink::store {

absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing,
                      const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return Corrupt(path, status.ToString());
  return Unavailable(std::string(doing) + " " + path + ": " +
                     status.ToString() +
                     "; check the disk, its space and its permissions");
}

absl::Status Corrupt(const std::string& directory, std::string_view detail) {
  return absl::DataLossError(
      "the store in " + directory + " is corrupt (" + std::string(detail) +
      "); nothing has been deleted: move it away and restore a backup");
}

absl::Status Unavailable(std::string_view sentence) {
  return absl::UnavailableError("STORE_UNAVAILABLE: " + std::string(sentence));
}

}  // namespace interlink::store
