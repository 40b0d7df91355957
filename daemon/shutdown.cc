#include "daemon/shutdown.h"

#include <future>
#include <memory>
#include <utility>

namespace interlink::daemon {

Shutdown::Shutdown(AsioEventLoop& loop, Steps steps)
    : loop_(loop), steps_(std::move(steps)) {}

void Shutdown::Begin() {
  loop_.Post([this] {
    if (std::exchange(has_begun_, true)) return;
    steps_.release_clients();
    thread_ = std::thread([this] { CloseServers(); });
  });
}

void Shutdown::Await() {
  if (thread_.joinable()) thread_.join();
}

void Shutdown::CloseServers() {
  steps_.close_api(loop_.WallNow() + kApiPatience);
  // Shared, because the peers may be told after this has given up waiting.
  const auto told = std::make_shared<std::promise<void>>();
  loop_.Post(
      [this, told] { steps_.say_goodbye([told] { told->set_value(); }); });
  told->get_future().wait_for(kGoodbyePatience);
  steps_.close_peers();
  loop_.Post([this] { loop_.Stop(); });
}

}  // namespace interlink::daemon
