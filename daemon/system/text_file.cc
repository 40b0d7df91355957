#include "daemon/system/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/cleanup/cleanup.h"

namespace interlink::daemon {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

absl::Status NotOpened(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return absl::NotFoundError("there is no file " + path);
  }
  const std::string told = path + " cannot be read: " + std::strerror(error);
  if (error == EACCES) {
    return absl::UnavailableError(
        told + "; let the user who runs this program read it");
  }
  return absl::UnavailableError(told);
}

bool IsUtf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         text.find('\0') != text.npos;
}

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  // Opening a pipe that nobody writes to would otherwise wait.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NotOpened(path, errno);
  fcntl(file, F_SETFL, O_RDONLY);
  const absl::Cleanup close_file = [file] { close(file); };
  struct stat found {};
  if (fstat(file, &found) != 0) return NotOpened(path, errno);
  if (S_ISDIR(found.st_mode)) {
    return absl::InvalidArgumentError(path + " is a folder, not a file");
  }
  std::string text(kMaxBytes + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, &text[size], text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return NotOpened(path, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMaxBytes) {
    return absl::InvalidArgumentError(path + " is larger than 1 MiB");
  }
  // The program that writes into the pipe has failed, or the pipe was read
  // before.
  if (size == 0 && S_ISFIFO(found.st_mode)) {
    return absl::InvalidArgumentError(path +
                                      " is a pipe out of which nothing came; "
                                      "name a file instead");
  }
  text.resize(size);
  if (IsUtf16(text)) {
    return absl::InvalidArgumentError(path +
                                      " is not plain text but perhaps UTF-16; "
                                      "save it as UTF-8");
  }
  if (text.starts_with(kUtf8Mark)) text.erase(0, kUtf8Mark.size());
  return text;
}

}  // namespace interlink::daemon
