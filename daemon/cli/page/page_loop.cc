#include "daemon/cli/page/page_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace interlink::cli {

void PageLoop::Post(std::function<void()> task) {
  const absl::MutexLock lock(&mutex_);
  boost::asio::post(context_, std::move(task));
}

void PageLoop::RunUntil(const std::function<bool()>& is_done) {
  // A context with nothing to do would stop, and run nothing posted later.
  const auto work = boost::asio::make_work_guard(context_);
  context_.restart();
  while (!is_done()) {
    // A stop() that was posted twice stops it here as well.
    if (context_.run_one() == 0) context_.restart();
  }
}

}  // namespace interlink::cli
