#pragma once

#include <deque>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/writer.h"

namespace interlink::store {

// A writer that is a thread, which begins with its first task.
//
// Threading: as Writer; Run() from its tasks, too.
class WriterThread final : public Writer {
 public:
  ~WriterThread() override;

  void Run(Task task) override;
  void Finish() override;

 private:
  void RunAll();
  bool HasWorkOrEnd() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return is_ending_ || !tasks_.empty();
  }
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !is_working_ && tasks_.empty();
  }

  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool is_working_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Not joinable until there is a task.
};

}  // namespace interlink::store
