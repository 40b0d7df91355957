#include "daemon/net/socket_path.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "daemon/system/folder.h"

namespace interlink::daemon {
namespace {

constexpr size_t kMaxBytes = sizeof(sockaddr_un::sun_path) - 1;
constexpr mode_t kOwnFolder = 0750;
// The socket's own mode decides who may open it, and its group has to get
// there.
constexpr mode_t kFolderOfAGroup = 0755;

absl::Status Refused(const std::string& what, const std::string& path,
                     int error) {
  return absl::UnavailableError("cannot " + what + " " + path + ": " +
                                std::strerror(error));
}

std::string DraftFor(std::string path) {
  // No longer than the path, which may be as long as the system allows.
  path.back() = path.back() == '~' ? '-' : '~';
  return path;
}

// The socket at `path`; nullopt if nothing is there. Errors: UNAVAILABLE if the
// system does not tell, INVALID_ARGUMENT for another kind of file.
absl::StatusOr<std::optional<struct stat>> Look(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return Refused("look at", path, errno);
  }
  if (S_ISSOCK(found.st_mode)) return found;
  return absl::InvalidArgumentError(path +
                                    " exists and is not a socket; name "
                                    "another path or remove it");
}

// OK if nobody serves the socket at `path` any more. Only a refused connection
// proves that; one that is forbidden, or has to wait, does not.
absl::Status CheckDead(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int probe =
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return Refused("look whether a daemon serves", path, errno);
  const absl::Cleanup close_probe = [probe] { close(probe); };
  if (connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
          0 ||
      errno == EAGAIN) {
    return absl::UnavailableError("another daemon serves " + path +
                                  "; stop it or name another path");
  }
  if (errno == ECONNREFUSED || errno == ENOENT) return absl::OkStatus();
  return absl::UnavailableError(
      "another program may be serving " + path +
      ", which this user cannot find out (" + std::strerror(errno) +
      "); name another path, or remove it if nobody does");
}

bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

absl::Status Remove(const std::string& path, const struct stat& seen) {
  struct stat now {};
  if (lstat(path.c_str(), &now) != 0 || !IsSame(seen, now)) {
    return absl::OkStatus();  // Publish() deals with its successor.
  }
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return Refused("remove what a dead daemon has left at", path, errno);
}

// Renames, but never over another file.
bool MoveTo(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                RENAME_NOREPLACE) == 0) {
    return true;
  }
  // Not every file system can do that.
  if (errno != EINVAL && errno != ENOSYS) return false;
  if (access(to.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return false;
  }
  return std::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

absl::Status SocketPath::Check(const std::string& path) {
  if (path.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        "the socket path " + path + " has " + std::to_string(path.size()) +
        " bytes; the system allows " + std::to_string(kMaxBytes) + " bytes");
  }
  const auto found = Look(path);
  if (!found.ok()) return found.status();
  return CheckFolder(FolderOf(path));
}

absl::StatusOr<std::unique_ptr<SocketPath>> SocketPath::Prepare(
    const std::string& path, std::optional<gid_t> group) {
  if (auto status = Check(path); !status.ok()) return status;
  if (auto status =
          MakeFolder(FolderOf(path), group ? kFolderOfAGroup : kOwnFolder);
      !status.ok()) {
    return status;
  }
  const auto found = Look(path);
  if (!found.ok()) return found.status();
  if (*found) {
    if (auto status = CheckDead(path); !status.ok()) return status;
    if (auto status = Remove(path, **found); !status.ok()) return status;
  }
  return std::unique_ptr<SocketPath>(new SocketPath(path, group));
}

SocketPath::SocketPath(std::string path, std::optional<gid_t> group)
    : path_(std::move(path)), draft_(DraftFor(path_)), group_(group) {}

SocketPath::~SocketPath() {
  if (file_ < 0) return;
  struct stat own {};
  struct stat now {};
  if (fstat(file_, &own) == 0 && lstat(path_.c_str(), &now) == 0 &&
      IsSame(own, now)) {
    unlink(path_.c_str());
  }
  close(file_);
}

absl::Status SocketPath::Publish() {
  const int file = open(draft_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return Refused("find the socket", draft_, errno);
  absl::Cleanup close_file = [file] { close(file); };
  if (group_ && chown(draft_.c_str(), static_cast<uid_t>(-1), *group_) != 0) {
    const absl::Status status =
        Refused("give the group " + std::to_string(*group_) + " the socket",
                path_, errno);
    unlink(draft_.c_str());
    return absl::UnavailableError(
        std::string(status.message()) +
        "; the user that runs the daemon must be a member of it");
  }
  if (chmod(draft_.c_str(), 0660) != 0 || !MoveTo(draft_, path_)) {
    const int error = errno;
    unlink(draft_.c_str());
    if (error == EEXIST) {
      return absl::UnavailableError("another program has just taken " + path_ +
                                    "; name another path");
    }
    return Refused("make the socket", path_, error);
  }
  std::move(close_file).Cancel();
  file_ = file;
  return absl::OkStatus();
}

}  // namespace interlink::daemon
