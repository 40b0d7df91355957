#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/status/status.h"

namespace interlink::store {

// How long to wait before asking all members of etcd again. A value.
class Backoff {
 public:
  std::chrono::milliseconds Next() {
    return std::exchange(next_, std::min(2 * next_, kLongest));
  }
  void Reset() { next_ = kShortest; }

 private:
  static constexpr std::chrono::milliseconds kShortest{50}, kLongest{1'000};

  std::chrono::milliseconds next_ = kShortest;
};

// Tells trouble that lasts from trouble that passes. A value.
class Patience {
 public:
  explicit Patience(std::chrono::milliseconds length) : length_(length) {}

  // Takes in how things are now. Returns it if it is to be told: the first
  // error when errors have lasted for so long, and the OK after that.
  std::optional<absl::Status> Take(const absl::Status& status) {
    const auto now = std::chrono::steady_clock::now();
    if (status.ok()) {
      since_.reset();
      if (!std::exchange(is_told_, false)) return std::nullopt;
      return status;
    }
    if (!since_) since_ = now;
    if (is_told_ || now - *since_ < length_) return std::nullopt;
    is_told_ = true;
    return status;
  }

 private:
  std::chrono::milliseconds length_;
  std::optional<std::chrono::steady_clock::time_point> since_;
  bool is_told_ = false;
};

}  // namespace interlink::store
