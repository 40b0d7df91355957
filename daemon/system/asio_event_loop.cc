#include "daemon/system/asio_event_loop.h"

#include <time.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <utility>

namespace interlink::daemon {

// The task is shared with the waiting handler, which may already be queued when
// the timer is destroyed, and which keeps the task alive while it runs: a task
// may destroy its own timer.
class AsioEventLoop::AsioTimer : public Timer {
 public:
  AsioTimer(boost::asio::io_context& context, federation::Duration delay,
            Task task)
      : timer_(context, delay), task_(std::make_shared<Task>(std::move(task))) {
    timer_.async_wait(
        [task = std::weak_ptr(task_)](const boost::system::error_code& error) {
          if (error) return;
          if (const auto wanted = task.lock()) (*wanted)();
        });
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<Task> task_;
};

AsioEventLoop::AsioEventLoop() : work_(context_.get_executor()) {}

AsioEventLoop::~AsioEventLoop() = default;

void AsioEventLoop::Run() {
  thread_ = std::this_thread::get_id();
  context_.run();
  thread_ = std::thread::id();
}

void AsioEventLoop::Stop() { context_.stop(); }

bool AsioEventLoop::IsLoopThread() const {
  return thread_ == std::this_thread::get_id();
}

federation::SteadyTime AsioEventLoop::Now() const {
  return std::chrono::steady_clock::now();
}

federation::WallTime AsioEventLoop::WallNow() const {
  return std::chrono::system_clock::now();
}

federation::Duration AsioEventLoop::SinceBoot() const {
  timespec since{};
  clock_gettime(CLOCK_BOOTTIME, &since);
  return std::chrono::seconds(since.tv_sec) +
         std::chrono::nanoseconds(since.tv_nsec);
}

bool AsioEventLoop::IsOnLoop() const {
  const std::thread::id loop = thread_;
  return loop == std::this_thread::get_id() || loop == std::thread::id();
}

void AsioEventLoop::Post(Task task) {
  boost::asio::post(context_, std::move(task));
}

std::unique_ptr<federation::EventLoop::Timer> AsioEventLoop::After(
    federation::Duration delay, Task task) {
  assert(IsOnLoop());
  return std::make_unique<AsioTimer>(context_, delay, std::move(task));
}

}  // namespace interlink::daemon
