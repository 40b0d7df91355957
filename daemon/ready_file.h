#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// Tells scripts that the daemon is ready and where it listens: lines NAME=VALUE
// in a file that appears whole (by rename) and goes when this is destroyed.
class ReadyFile {
 public:
  using Lines = std::vector<std::pair<std::string, std::string>>;

  // Errors: UNAVAILABLE, naming the path and why.
  static absl::StatusOr<std::unique_ptr<ReadyFile>> Write(
      const std::string& path, const Lines& lines);
  ~ReadyFile();
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

 private:
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

}  // namespace interlink::daemon
