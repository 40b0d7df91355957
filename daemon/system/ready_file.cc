#include "daemon/system/ready_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "daemon/system/folder.h"
#include "daemon/system/text_file.h"

namespace interlink::daemon {
namespace {

absl::Status Unwritten(const std::string& path, int error) {
  return absl::UnavailableError("cannot write the ready file " + path + ": " +
                                std::strerror(error));
}

// Whether `text` is that of a ready file. A script may have made it empty.
bool IsReadyFile(std::string_view text) {
  return text.empty() || text.starts_with("pid=") ||
         text.find("\npid=") != text.npos;
}

// Where it is written before it gets its name.
std::string DraftOf(const std::string& path) { return path + ".new"; }

std::string_view KindOf(mode_t mode) {
  if (S_ISREG(mode)) return "another file";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISFIFO(mode) ? "a pipe" : "a device";
}

// A daemon holds its file locked for as long as it runs.
bool IsHeld(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  const bool is_held =
      flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return is_held;
}

// Whether there is nothing at `path`, or a ready file. Nothing else is even
// opened: a device may act on that.
absl::Status CheckPlace(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Unwritten(path, errno);
  }
  if (S_ISREG(found.st_mode)) {
    const auto text = ReadTextFile(path);
    if (absl::IsNotFound(text.status())) return absl::OkStatus();
    if (!text.ok()) return text.status();
    if (IsReadyFile(*text)) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      path + " exists and is " + std::string(KindOf(found.st_mode)) +
      ", not a ready file; name another path or remove it");
}

}  // namespace

absl::Status ReadyFile::Check(const std::string& path) {
  struct stat found {};
  if (stat(FolderOf(path).c_str(), &found) != 0) return Unwritten(path, errno);
  if (auto status = CheckFolder(FolderOf(path)); !status.ok()) return status;
  if (auto status = CheckPlace(path); !status.ok()) return status;
  return CheckPlace(DraftOf(path));
}

absl::Status ReadyFile::Clear(const std::string& path) {
  if (auto status = Check(path); !status.ok()) return status;
  // A daemon that starts holds its draft.
  if (IsHeld(path) || IsHeld(DraftOf(path))) {
    return absl::UnavailableError(path +
                                  " is the ready file of another daemon, which "
                                  "runs; name another path");
  }
  for (const std::string& left : {path, DraftOf(path)}) {
    if (unlink(left.c_str()) != 0 && errno != ENOENT) {
      return Unwritten(path, errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ReadyFile>> ReadyFile::Write(
    const std::string& path, const Lines& lines) {
  // A file that somebody put there since Clear() was called at the start is
  // checked too.
  if (auto status = Clear(path); !status.ok()) return status;
  const std::string draft = DraftOf(path);
  std::string text;
  for (const auto& [name, value] : lines) text += name + '=' + value + '\n';
  const int file =
      open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Unwritten(path, errno);
  std::unique_ptr<ReadyFile> made(new ReadyFile(path, file));
  flock(file, LOCK_EX | LOCK_NB);  // Not every file system can.
  errno = ENOSPC;                  // The reason if write() stops short.
  if (write(file, text.data(), text.size()) !=
          static_cast<ssize_t>(text.size()) ||
      std::rename(draft.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(draft.c_str());
    return Unwritten(path, error);
  }
  return made;
}

ReadyFile::~ReadyFile() {
  struct stat own {};
  struct stat now {};
  if (fstat(file_, &own) == 0 && lstat(path_.c_str(), &now) == 0 &&
      now.st_dev == own.st_dev && now.st_ino == own.st_ino) {
    unlink(path_.c_str());
  }
  close(file_);
}

}  // namespace interlink::daemon
