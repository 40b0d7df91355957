#include "store/rocksdb/lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "store/rocksdb/errors.h"

namespace interlink::store {
namespace {

// The process that has a lock on `file`; 0 if it cannot be seen from here (it
// has just ended, or runs in another container or on another machine).
//
// Must not be called while this process has the store open: closing any
// descriptor of a file drops all the locks that the process has on it.
pid_t HolderOf(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool known = fcntl(descriptor, F_GETLK, &lock) == 0 &&
                     lock.l_type != F_UNLCK && lock.l_pid > 0;
  close(descriptor);
  return known ? lock.l_pid : 0;
}

}  // namespace

std::optional<absl::Status> ExplainLock(const rocksdb::Status& status,
                                        const std::string& directory,
                                        rocksdb::Env* env) {
  // RocksDB has no code for this, only words; the first are of its own table
  // of locked files, the next of its memory environment, the last of fcntl().
  const std::string words = status.ToString();
  const auto says = [&words](std::string_view phrase) {
    return words.find(phrase) != std::string::npos;
  };
  const std::string start = "the store in " + directory + " is in use by ";
  if (!status.IsIOError()) return std::nullopt;
  if (says("lock hold by current process") || says("lock is already held")) {
    return Unavailable(start + "this process: it can be open only once");
  }
  if (!says("While lock file")) return std::nullopt;
  const pid_t pid =
      env == rocksdb::Env::Default() ? HolderOf(directory + "/LOCK") : 0;
  if (pid == 0) {
    return Unavailable(start +
                       "another process, which cannot be seen from here: stop "
                       "it, or name another directory");
  }
  return Unavailable(start + "process " + std::to_string(pid) +
                     ": stop it, or name another directory");
}

}  // namespace interlink::store
