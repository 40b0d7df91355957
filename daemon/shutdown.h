#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// Stops a daemon in the order that its clients and peers need: every call that
// waits is answered, and a client that does not read its answer cannot delay
// the end.
//
// gRPC's shutdown waits for handlers, and those need the loop. So the servers
// are closed on a thread of their own, while the loop runs until the last step.
// Threading: Begin() from any thread; all else while the loop does not run.
// Lifetime: the loop, and what the steps use, must outlive it.
class Shutdown {
 public:
  static constexpr std::chrono::milliseconds kApiPatience{500};
  static constexpr std::chrono::milliseconds kGoodbyePatience{200};

  // In this order. The loop stops after the last.
  struct Steps {
    // On the loop. Takes the readiness back, and answers whoever would hold the
    // shutdown of a server, such as watches.
    std::function<void()> release_clients;
    // On the thread. Calls that are not over by `deadline` are cancelled.
    std::function<void(std::chrono::system_clock::time_point deadline)>
        close_api;
    // On the loop. Calls `told` when all peers have been told, for which it has
    // kGoodbyePatience.
    std::function<void(std::function<void()> told)> say_goodbye;
    // On the thread.
    std::function<void()> close_peers;
  };

  Shutdown(AsioEventLoop& loop, Steps steps);
  ~Shutdown() { Await(); }
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  // Does nothing if it has begun before.
  void Begin();

  // Returns when the thread has ended, if it was ever started.
  void Await();

  bool has_begun() const { return has_begun_; }

 private:
  void CloseServers();

  AsioEventLoop& loop_;
  const Steps steps_;
  bool has_begun_ = false;
  std::thread thread_;
};

}  // namespace interlink::daemon
