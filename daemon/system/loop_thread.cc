#include "daemon/system/loop_thread.h"

namespace interlink::daemon {

void LoopThread::Start() {
  thread_ = std::thread([this] { loop_.Run(); });
}

void LoopThread::Stop() {
  loop_.Stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace interlink::daemon
