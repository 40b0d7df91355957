// A disk that fails on demand, for LD_PRELOAD: calls that change a file below
// $FAILING_DISK_DIR fail from the moment the file $FAILING_DISK_ORDER exists.
// The order is one line, "CALLS ERROR AFTER": CALLS is write, sync or all
// (which also refuses to open for writing, as a read-only disk does); ERROR is
// ENOSPC, EIO or EROFS, or HANG for calls that return, well, once the file is
// gone; AFTER is how many of these calls still succeed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum Call { WRITE = 1, SYNC = 2, CHANGE = 4 };

static atomic_long calls;  // That the order was about.

// The real function behind the name of one of ours.
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static int is_ours(const char* path) {
  const char* directory = getenv("FAILING_DISK_DIR");
  return directory != NULL && path != NULL &&
         strncmp(path, directory, strlen(directory)) == 0;
}

static int is_our_file(int descriptor) {
  char link[32];
  char path[4096];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return is_ours(path);
}

// 0, or the error with which this call has to fail.
static int refusal(enum Call call) {
  const char* file = getenv("FAILING_DISK_ORDER");
  char text[64] = {0};
  char which[16];
  char name[16];
  long after = 0;
  const int order = file == NULL ? -1 : REAL(open)(file, O_RDONLY | O_CLOEXEC);
  if (order < 0) return 0;
  const ssize_t size = read(order, text, sizeof(text) - 1);
  close(order);
  if (size <= 0 || sscanf(text, "%15s %15s %ld", which, name, &after) != 3) {
    return 0;
  }
  const int about = !strcmp(which, "write")  ? WRITE
                    : !strcmp(which, "sync") ? SYNC
                                             : WRITE | SYNC | CHANGE;
  if ((about & call) == 0 || atomic_fetch_add(&calls, 1) < after) return 0;
  if (!strcmp(name, "HANG")) {
    while (access(file, F_OK) == 0) usleep(20000);
    return 0;
  }
  return !strcmp(name, "ENOSPC")  ? ENOSPC
         : !strcmp(name, "EROFS") ? EROFS
                                  : EIO;
}

// Returns from the caller with an error if the call has to fail.
#define FAIL_IF(is_about_us, call)            \
  if (is_about_us) {                          \
    const int error = refusal(call);          \
    if (error != 0) return errno = error, -1; \
  }

ssize_t write(int descriptor, const void* bytes, size_t size) {
  FAIL_IF(is_our_file(descriptor), WRITE);
  return REAL(write)(descriptor, bytes, size);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
  FAIL_IF(is_our_file(descriptor), WRITE);
  return REAL(pwrite)(descriptor, bytes, size, at);
}

int fsync(int descriptor) {
  FAIL_IF(is_our_file(descriptor), SYNC);
  return REAL(fsync)(descriptor);
}

int fdatasync(int descriptor) {
  FAIL_IF(is_our_file(descriptor), SYNC);
  return REAL(fdatasync)(descriptor);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  FAIL_IF(is_ours(path) && (flags & (O_WRONLY | O_RDWR | O_CREAT)), CHANGE);
  return REAL(open)(path, flags, mode);
}

int rename(const char* from, const char* to) {
  FAIL_IF(is_ours(to), CHANGE);
  return REAL(rename)(from, to);
}

int mkdir(const char* path, mode_t mode) {
  FAIL_IF(is_ours(path), CHANGE);
  return REAL(mkdir)(path, mode);
}
