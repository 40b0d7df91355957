#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/writer.h"
#include "tests/support/eventually.h"

namespace interlink::testing {

// The loop of a test that has none: what was posted to it runs when the test
// says so.
//
// Threading: Post() from any thread; the rest from the test's. It must outlive
// whoever posts.
class PostedTasks {
 public:
  // For OpenRocksDb(); its writer is a thread.
  store::Workplace Workplace() {
    return {.post = [this](store::Task task) { Post(std::move(task)); },
            .writer = nullptr};
  }

  void Post(store::Task task) {
    const absl::MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
  }
  bool IsEmpty() const {
    const absl::MutexLock lock(&mutex_);
    return tasks_.empty();
  }
  // Whether something was posted within kPatience. It has not run.
  bool AwaitTask() const {
    return Eventually([this] { return !IsEmpty(); });
  }
  // Runs what was posted, until `done` holds; whether it did within kPatience.
  bool RunUntil(const std::function<bool()>& done) {
    return Eventually([&] {
      while (!done()) {
        store::Task task = Next();
        if (task == nullptr) return false;
        task();
      }
      return true;
    });
  }

 private:
  store::Task Next() {
    const absl::MutexLock lock(&mutex_);
    if (tasks_.empty()) return nullptr;
    store::Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  mutable absl::Mutex mutex_;
  std::deque<store::Task> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::testing
