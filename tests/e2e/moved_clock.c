// A wall clock that jumps, for LD_PRELOAD: it is off by as many seconds as the
// file $MOVED_CLOCK says, from one moment to the next. The steady clock stays.
// Waits until a time of day are moved, too, and end when a jump has made it
// late: that is what the kernel does, and what a library that replaces only the
// reading of clocks gets wrong.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static const long kSliceNanos = 50 * 1000 * 1000;
static const long kSecondNanos = 1000 * 1000 * 1000;

// A number and a newline, and zeros up to the end of the page.
static const char* file;

__attribute__((constructor)) static void open_file(void) {
  const char* path = getenv("MOVED_CLOCK");
  const int descriptor = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  void* page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (page != MAP_FAILED) file = page;
}

static long offset(void) { return file == NULL ? 0 : atol(file); }

int clock_gettime(clockid_t clock, struct timespec* now) {
  static __typeof__(&clock_gettime) real;
  if (real == NULL) real = REAL(clock_gettime);
  const int result = real(clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    now->tv_sec += offset();
  }
  return result;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  const int result = REAL(gettimeofday)(now, zone);
  now->tv_sec += offset();
  return result;
}

time_t time(time_t* now) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now != NULL) *now = exact.tv_sec;
  return exact.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* restrict condition,
                           pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  struct timespec moved = *until;
  moved.tv_sec -= offset();
  return REAL(pthread_cond_timedwait)(condition, mutex, &moved);
}

// Abseil's and libstdc++'s waits. In slices, to see a jump in the middle.
static long wait_until(long word, long operation, long value,
                       const struct timespec* until, long mask) {
  while (1) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const long seconds = until->tv_sec - now.tv_sec;
    long nanos = seconds > 1
                     ? kSliceNanos
                     : seconds * kSecondNanos + until->tv_nsec - now.tv_nsec;
    if (seconds < -1 || nanos < 0) nanos = 0;
    if (nanos > kSliceNanos) nanos = kSliceNanos;
    struct timespec end = {now.tv_sec - offset(), now.tv_nsec + nanos};
    end.tv_sec += end.tv_nsec / kSecondNanos;
    end.tv_nsec %= kSecondNanos;
    const long result =
        REAL(syscall)(SYS_futex, word, operation, value, (long)&end, 0L, mask);
    if (result == 0 || errno != ETIMEDOUT || nanos == 0) return result;
  }
}

long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (int i = 0; i < 6; ++i) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_futex && a[3] != 0 && (a[1] & FUTEX_CLOCK_REALTIME) &&
      (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
    return wait_until(a[0], a[1], a[2], (const struct timespec*)a[3], a[5]);
  }
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
