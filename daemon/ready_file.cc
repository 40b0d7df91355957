#include "daemon/ready_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace interlink::daemon {

absl::StatusOr<std::unique_ptr<ReadyFile>> ReadyFile::Write(
    const std::string& path, const Lines& lines) {
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::trunc);
  for (const auto& [name, value] : lines) file << name << '=' << value << '\n';
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError("cannot write the ready file " + path + ": " +
                                  std::strerror(errno));
  }
  return std::unique_ptr<ReadyFile>(new ReadyFile(path));
}

ReadyFile::~ReadyFile() { unlink(path_.c_str()); }

}  // namespace interlink::daemon
