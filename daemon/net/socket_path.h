#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace interlink::daemon {

// The name in the file system of a unix socket that this process serves.
//
// The socket is bound at draft() and gets its name once its mode and group are
// set, so nobody can open it before. At the end the name goes, unless another
// socket has it by then.
// Threading: one thread.
class SocketPath {
 public:
  // Checks that a socket could be made at `path`, whether or not one is served
  // there now. Changes nothing. Errors: INVALID_ARGUMENT for a path that is too
  // long or belongs to another file, UNAVAILABLE if the system refuses.
  static absl::Status Check(const std::string& path);

  // Makes the folder of `path`, and removes the socket that a dead daemon has
  // left. Errors: as Check(), and UNAVAILABLE if a living daemon serves the
  // socket, or may do so.
  static absl::StatusOr<std::unique_ptr<SocketPath>> Prepare(
      const std::string& path, std::optional<gid_t> group);

  ~SocketPath();
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;

  // Beside `path`; where to bind the socket.
  const std::string& draft() const { return draft_; }

  // The socket is bound: opens it to its group (mode 0660), under its name.
  absl::Status Publish();

 private:
  SocketPath(std::string path, std::optional<gid_t> group);

  const std::string path_;
  const std::string draft_;
  const std::optional<gid_t> group_;
  int file_ = -1;  // Open once published, so that no other file gets its inode.
};

}  // namespace interlink::daemon
