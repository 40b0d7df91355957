#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace interlink::daemon {

// Tells scripts that the daemon is ready and where it listens: lines NAME=VALUE
// in a file that appears whole (by rename) and goes when this is destroyed,
// unless another file has its name by then.
class ReadyFile {
 public:
  using Lines = std::vector<std::pair<std::string, std::string>>;

  // Checks that the file could be written. Changes nothing. Errors:
  // INVALID_ARGUMENT if another kind of file, such as a device or a link, is
  // there or where it is drafted; UNAVAILABLE if the system refuses. The
  // message names the path and why.
  static absl::Status Check(const std::string& path);
  // Removes the file that a killed daemon has left. Errors: as Check(), and
  // UNAVAILABLE if the file belongs to a running daemon.
  static absl::Status Clear(const std::string& path);

  // Replaces an earlier ready file. Errors: as Clear().
  static absl::StatusOr<std::unique_ptr<ReadyFile>> Write(
      const std::string& path, const Lines& lines);
  ~ReadyFile();
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

 private:
  ReadyFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  const int file_;  // Locked while the daemon runs.
};

}  // namespace interlink::daemon
