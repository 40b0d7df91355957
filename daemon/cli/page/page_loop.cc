#include "daemon/cli/page/page_loop.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace interlink::cli {

void PageLoop::Post(std::function<void()> task) {
  const absl::MutexLock lock(&mutex_);
  boost::asio::post(context_, std::move(task));
}

}  // namespace interlink::cli
