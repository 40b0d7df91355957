#pragma once

#include <functional>
#include <memory>

#include "absl/functional/any_invocable.h"

namespace interlink::store {

using Task = absl::AnyInvocable<void()>;

// Does the work of an engine that may wait for a disk, off the loop.
//
// Threading: used from one thread. Lifetime: destroying it drops the tasks that
// have not begun, and waits for the one that has.
class Writer {
 public:
  virtual ~Writer() = default;

  // Runs `task` after those that were handed over before. The task may hand
  // over another one.
  virtual void Run(Task task) = 0;
  // Returns once no task is left.
  virtual void Finish() = 0;
};

// Where an engine works.
struct Workplace {
  // Runs a task on the loop; called from any thread. Without it, commits cannot
  // be begun, but made with a call that waits.
  std::function<void(Task)> post;
  // nullptr: a thread of the engine's own.
  std::unique_ptr<Writer> writer;
};

}  // namespace interlink::store
