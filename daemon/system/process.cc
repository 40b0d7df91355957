#include "daemon/system/process.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace interlink {
namespace {

// By system calls, because no library is ready yet.
void OpenMissingStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (syscall(SYS_fcntl, stream, F_GETFD) >= 0) continue;
    // It gets the lowest number that is free, which is `stream`.
    syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
  }
}

// Before main() would be too late: a library opens its first descriptor when it
// is loaded.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*const open_missing_streams)() = OpenMissingStreams;

}  // namespace

void TakeSignalsAsErrors() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void KeepOpensslUntilExit() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

}  // namespace interlink
