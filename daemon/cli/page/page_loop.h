#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "absl/synchronization/mutex.h"

namespace interlink::cli {

// The thread on which the page is served.
//
// Threading: Post() from any thread, the rest from the one that runs the
// context.
class PageLoop {
 public:
  PageLoop() = default;
  // Waits for a Post() that is not over yet.
  ~PageLoop() { const absl::MutexLock lock(&mutex_); }
  PageLoop(const PageLoop&) = delete;
  PageLoop& operator=(const PageLoop&) = delete;

  boost::asio::io_context& context() { return context_; }
  void Post(std::function<void()> task);
  // Runs what is posted until `is_done`, also once the context was stopped.
  void RunUntil(const std::function<bool()>& is_done);

 private:
  absl::Mutex mutex_;
  boost::asio::io_context context_{1};
};

}  // namespace interlink::cli
