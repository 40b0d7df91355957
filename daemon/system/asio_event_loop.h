#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The loop of a real daemon: one thread, the system's clocks, and the sockets
// and signals that Boost.Asio watches for it.
//
// Threading: as EventLoop says; Run() on the thread that becomes the loop,
// Stop() from any. Before Run() and after its return, whoever owns the loop may
// do what is otherwise for the loop alone.
class AsioEventLoop : public federation::EventLoop {
 public:
  AsioEventLoop();
  // Destroys posted tasks that have not run, without running them.
  ~AsioEventLoop() override;

  // For sockets and signals. Handlers run on the loop.
  boost::asio::io_context& context() { return context_; }

  // Runs tasks until Stop().
  void Run();
  void Stop();
  bool IsLoopThread() const;

  federation::SteadyTime Now() const override;
  federation::WallTime WallNow() const override;
  federation::Duration SinceBoot() const override;
  bool IsOnLoop() const override;
  void Post(Task task) override;
  std::unique_ptr<Timer> After(federation::Duration delay, Task task) override;

 private:
  class AsioTimer;

  // Without the hint that it has one thread: with it, a task that the loop
  // posts would run after tasks that other threads post later.
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  std::atomic<std::thread::id> thread_{};
};

}  // namespace interlink::daemon
