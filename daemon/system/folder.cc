#include "daemon/system/folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace interlink::daemon {
namespace {

absl::Status InTheWay(const std::string& what, const std::string& path,
                      int error) {
  return absl::UnavailableError(what + " " + path + ": " +
                                std::strerror(error));
}

// `path` cannot be made in `folder`, or is that folder and takes nothing.
absl::Status CannotMake(const std::string& path,
                        const std::filesystem::path& folder, int error) {
  const std::string in =
      folder == std::filesystem::path(path) ? "a file in " : path + " in ";
  return absl::UnavailableError(
      "cannot make " + in + folder.string() + ": " + std::strerror(error) +
      (error == EACCES ? "; let the user that the daemon runs as write there, "
                         "or name another place"
                       : "; name another place"));
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

absl::Status CheckFolder(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path);
  struct stat found {};
  while (stat(folder.c_str(), &found) != 0) {
    if (errno != ENOENT) {
      return InTheWay("cannot look at", folder.string(), errno);
    }
    const auto above = folder.parent_path();
    folder = above.empty() || above == folder ? "." : above;
  }
  if (!S_ISDIR(found.st_mode)) {
    return CannotMake(path, folder, ENOTDIR);
  }
  // By the effective user, as whom files are made.
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return CannotMake(path, folder, errno);
  }
  // Some file systems, such as /proc, refuse even what the mode allows.
  std::string probe = (folder / ".interlink-XXXXXX").string();
  if (mkdtemp(probe.data()) == nullptr) {
    return CannotMake(path, folder, errno);
  }
  rmdir(probe.c_str());
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0) {
    if (errno == ENOENT) {
      const auto above = std::filesystem::path(path).parent_path();
      if (above.empty() || above == path)
        return InTheWay("cannot make", path, ENOENT);
      if (auto status = MakeFolder(above.string(), mode); !status.ok()) {
        return status;
      }
      return MakeFolder(path, mode);
    }
    const int error = errno;
    struct stat found {};
    if (error == EEXIST && stat(path.c_str(), &found) == 0 &&
        S_ISDIR(found.st_mode)) {
      return absl::OkStatus();
    }
    return InTheWay("cannot make the folder", path, error);
  }
  // mkdir() left out what the umask has.
  if (chmod(path.c_str(), mode) != 0) {
    return InTheWay("cannot set the mode of", path, errno);
  }
  return absl::OkStatus();
}

}  // namespace interlink::daemon
