#pragma once

#include <thread>

#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// A loop with a thread of its own, for a listener whose clients must not wait
// for the account's loop.
//
// Threading: one thread, which is not the loop's. Before Start() and after
// Stop() it may do what is otherwise for the loop alone.
class LoopThread {
 public:
  LoopThread() = default;
  ~LoopThread() { Stop(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  AsioEventLoop& loop() { return loop_; }

  void Start();
  // Returns when the thread has ended. What was posted since does not run. May
  // be called again.
  void Stop();

 private:
  AsioEventLoop loop_;
  std::thread thread_;
};

}  // namespace interlink::daemon
