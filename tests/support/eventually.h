#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace interlink::testing {

// The longest that a test waits for anything.
inline constexpr std::chrono::seconds kPatience{30};

// Whether `done` has become true within kPatience. Looks again whenever the
// scheduler lets it.
inline bool Eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace interlink::testing
