#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "federation/base/event_loop.h"

namespace interlink::testing {

// What was true when: a yes or no that changes over time, first a no.
class Truth {
 public:
  void Set(federation::SteadyTime time, bool value) {
    if (value != Now()) changes_.emplace_back(time, value);
  }
  bool Now() const { return !changes_.empty() && changes_.back().second; }

  // Whether it had that value at any moment from `begin` until now.
  bool WasEver(bool value, federation::SteadyTime begin) const {
    // The latest change ended a time of the other value.
    return Now() == value ||
           (!changes_.empty() && changes_.back().first >= begin);
  }
  bool WasAlways(bool value, federation::SteadyTime begin) const {
    return !WasEver(!value, begin);
  }

 private:
  std::vector<std::pair<federation::SteadyTime, bool>> changes_;
};

// An answer to a ping. How long it counts is the contract's (design.md section
// 7), not taken from the code under test.
struct Pong {
  static constexpr std::chrono::seconds kCounts{30};

  federation::SteadyTime sent;
  federation::SteadyTime arrived;
};

// What an administrator has deleted, and when.
struct Deletion {
  size_t account;
  std::string id;
  federation::SteadyTime time;
};

}  // namespace interlink::testing
