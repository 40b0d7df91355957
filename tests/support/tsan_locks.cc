// Shows Abseil's locks to the thread sanitizer: Debian's Abseil, and so gRPC,
// is not built for it, and without this every use of a lock is a race to it.
//
// Preloaded into a program of preset tsan (see tests/tsan_soak.sh), where it
// stands before Abseil's own functions and calls them.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <type_traits>

#include "absl/time/time.h"

namespace {

using Action = void(void*);
using Attempt = bool(void*);

template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void Acquire(Action* next, void* mutex, unsigned flags) {
  __tsan_mutex_pre_lock(mutex, flags);
  next(mutex);
  __tsan_mutex_post_lock(mutex, flags, 0);
}

bool Try(Attempt* next, void* mutex, unsigned flags) {
  flags |= __tsan_mutex_try_lock;
  __tsan_mutex_pre_lock(mutex, flags);
  const bool is_locked = next(mutex);
  __tsan_mutex_post_lock(
      mutex, is_locked ? flags : flags | __tsan_mutex_try_lock_failed, 0);
  return is_locked;
}

void Release(Action* next, void* mutex, unsigned flags) {
  __tsan_mutex_pre_unlock(mutex, flags);
  next(mutex);
  __tsan_mutex_post_unlock(mutex, flags);
}

void Destroy(Action* next, void* mutex, unsigned flags) {
  __tsan_mutex_destroy(mutex, flags);
  next(mutex);
}

// A wait gives the lock away and takes it again.
class Waiting {
 public:
  explicit Waiting(void* mutex) : mutex_(mutex) {
    __tsan_mutex_pre_unlock(mutex_, 0);
    __tsan_mutex_post_unlock(mutex_, 0);
    __tsan_mutex_pre_lock(mutex_, 0);
  }
  ~Waiting() { __tsan_mutex_post_lock(mutex_, 0, 0); }

 private:
  void* const mutex_;
};

}  // namespace

#define ABSL_NAME(name) "_ZN4absl7debian3" name

extern "C" {

#define MUTEX_FUNCTION(type, function, name, action, flags)        \
  std::invoke_result_t<type, void*> function(void* mutex) __asm__( \
      ABSL_NAME(name));                                            \
  std::invoke_result_t<type, void*> function(void* mutex) {        \
    static const auto next = Next<type>(ABSL_NAME(name));          \
    return action(next, mutex, flags);                             \
  }

MUTEX_FUNCTION(Action, Lock, "5Mutex4LockEv", Acquire, 0)
MUTEX_FUNCTION(Action, Unlock, "5Mutex6UnlockEv", Release, 0)
MUTEX_FUNCTION(Attempt, TryLock, "5Mutex7TryLockEv", Try, 0)
MUTEX_FUNCTION(Action, ReaderLock, "5Mutex10ReaderLockEv", Acquire,
               __tsan_mutex_read_lock)
MUTEX_FUNCTION(Action, ReaderUnlock, "5Mutex12ReaderUnlockEv", Release,
               __tsan_mutex_read_lock)
MUTEX_FUNCTION(Attempt, ReaderTryLock, "5Mutex13ReaderTryLockEv", Try,
               __tsan_mutex_read_lock)
MUTEX_FUNCTION(Action, End, "5MutexD1Ev", Destroy, 0)

#define LOCK_WHEN ABSL_NAME("5Mutex8LockWhenERKNS0_9ConditionE")
void LockWhen(void* mutex, const void* condition) __asm__(LOCK_WHEN);
void LockWhen(void* mutex, const void* condition) {
  __tsan_mutex_pre_lock(mutex, 0);
  Next<void(void*, const void*)>(LOCK_WHEN)(mutex, condition);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

#define AWAIT ABSL_NAME("5Mutex5AwaitERKNS0_9ConditionE")
void Await(void* mutex, const void* condition) __asm__(AWAIT);
void Await(void* mutex, const void* condition) {
  const Waiting waiting(mutex);
  Next<void(void*, const void*)>(AWAIT)(mutex, condition);
}

#define WAIT ABSL_NAME("7CondVar4WaitEPNS0_5MutexE")
void Wait(void* variable, void* mutex) __asm__(WAIT);
void Wait(void* variable, void* mutex) {
  const Waiting waiting(mutex);
  Next<void(void*, void*)>(WAIT)(variable, mutex);
}

#define WAIT_UNTIL \
  ABSL_NAME("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE")
bool WaitUntil(void* variable, void* mutex, absl::Time end) __asm__(WAIT_UNTIL);
bool WaitUntil(void* variable, void* mutex, absl::Time end) {
  const Waiting waiting(mutex);
  return Next<bool(void*, void*, absl::Time)>(WAIT_UNTIL)(variable, mutex, end);
}

#define WAIT_FOR \
  ABSL_NAME("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE")
bool WaitFor(void* variable, void* mutex,
             absl::Duration time) __asm__(WAIT_FOR);
bool WaitFor(void* variable, void* mutex, absl::Duration time) {
  const Waiting waiting(mutex);
  return Next<bool(void*, void*, absl::Duration)>(WAIT_FOR)(variable, mutex,
                                                            time);
}

}  // extern "C"
