#pragma once

#include <sys/types.h>

#include <string>

#include "daemon/cli/show/console.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// A file that leads a browser to a link, and is removed with this object.
// Only this user can read it. A program that is handed the link itself would
// show it to every user of the machine, among its arguments.
//
// Threading: one thread.
class LinkFile {
 public:
  LinkFile() = default;
  ~LinkFile() { Remove(); }
  LinkFile(const LinkFile&) = delete;
  LinkFile& operator=(const LinkFile&) = delete;

  // In XDG_RUNTIME_DIR, else TMPDIR, else /tmp. Errors: INTERNAL
  // (FILE_FAILED).
  grpc::Status Write(const Console& console, const std::string& link);
  void Remove();

  const std::string& path() const { return path_; }

 private:
  std::string path_;  // Empty: there is none.
};

// Has xdg-open show the file in the user's browser; returns its process, or -1
// if it cannot be started. Does not wait for it.
pid_t OpenInBrowser(const std::string& path);

}  // namespace interlink::cli
