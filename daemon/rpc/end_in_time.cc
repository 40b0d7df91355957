#include "daemon/rpc/end_in_time.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace interlink::daemon {
namespace {

// In which clients that do read are told that their calls are cancelled.
constexpr absl::Duration kLastWords = absl::Milliseconds(100);

}  // namespace

void EndInTime(std::chrono::system_clock::time_point deadline,
               const std::function<void()>& end,
               const std::function<void()>& break_all) {
  absl::Notification ended;
  std::thread breaking([&] {
    if (!ended.WaitForNotificationWithDeadline(absl::FromChrono(deadline) +
                                               kLastWords)) {
      break_all();
    }
  });
  end();
  ended.Notify();
  breaking.join();
}

}  // namespace interlink::daemon
