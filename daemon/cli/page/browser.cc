#include "daemon/cli/page/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "daemon/cli/api/failure.h"

extern char** environ;

namespace interlink::cli {
namespace {

constexpr const char* kEnding = ".html";

std::string FolderFor(const Console& console) {
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    if (std::string folder = console.environment(name); !folder.empty()) {
      return folder;
    }
  }
  return "/tmp";
}

// The link is an address and base64url, which need no escaping.
std::string PageThatLeadsTo(const std::string& link) {
  return "<!doctype html>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta http-equiv=\"refresh\" content=\"0; url=" +
         link + "\">\n<title>Interlink</title>\n<a href=\"" + link +
         "\">Interlink</a>\n";
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(file, text.data(), text.size());
    if (size < 0 && errno != EINTR) return false;
    text.remove_prefix(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  }
  return true;
}

}  // namespace

grpc::Status LinkFile::Write(const Console& console, const std::string& link) {
  Remove();
  std::string path = FolderFor(console) + "/interlink-page-XXXXXX" + kEnding;
  // Makes it with mode 0600.
  const int file =
      mkostemps(path.data(), static_cast<int>(std::strlen(kEnding)), O_CLOEXEC);
  bool is_written = file >= 0;
  if (is_written) {
    path_ = path;
    is_written = WriteAll(file, PageThatLeadsTo(link));
    is_written = close(file) == 0 && is_written;
  }
  if (is_written) return grpc::Status::OK;
  const std::string why = std::strerror(errno);
  Remove();
  return LocalFailure(grpc::StatusCode::INTERNAL, "FILE_FAILED",
                      "cannot write " + path +
                          ", which would lead a browser "
                          "to the page: " +
                          why + "; open the link by hand");
}

void LinkFile::Remove() {
  if (path_.empty()) return;
  unlink(path_.c_str());
  path_.clear();
}

pid_t OpenInBrowser(const std::string& path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // What a browser writes would stand among our own lines, and what the user
  // types is not for it.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR,
                                     0);
  }
  std::string program = "xdg-open";
  std::string argument = path;
  const std::array<char*, 3> arguments = {program.data(), argument.data(),
                                          nullptr};
  pid_t process = -1;
  const int error = posix_spawnp(&process, program.c_str(), &actions, nullptr,
                                 arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? process : -1;
}

}  // namespace interlink::cli
