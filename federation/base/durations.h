#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "federation/base/event_loop.h"

namespace interlink::federation {

// How long something took, each time since the start: a histogram for the
// metrics.
//
// Threading: thread-safe.
class Durations {
 public:
  // Upper bounds in seconds; one more bucket has the rest.
  static constexpr std::array<double, 10> kBounds = {
      0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30};

  void Add(Duration took) {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto* bound =
        std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    ++buckets_[static_cast<size_t>(bound - kBounds.begin())];
    nanoseconds_ += static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
  }

  // How often it took longer than the bound before, and not longer than this
  // one.
  uint64_t bucket(size_t bound) const { return buckets_[bound]; }
  double seconds() const { return static_cast<double>(nanoseconds_) / 1e9; }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<uint64_t> nanoseconds_{0};
};

}  // namespace interlink::federation
