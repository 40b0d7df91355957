#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace interlink::federation {

// Lets only so many calls be under way at once; others wait for their turn.
//
// Threading: loop only.
class CallQueue {
 public:
  // Begins a call and returns true, or does without it.
  using Start = absl::AnyInvocable<bool()>;

  CallQueue(size_t most, size_t most_waiting)
      : most_(most), most_waiting_(most_waiting) {}

  // Runs `start` now or when it is its turn. False if too many wait already.
  bool Add(Start start) {
    if (waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(start));
    StartSome();
    return true;
  }
  // A call that was begun has ended.
  void Ended() {
    --under_way_;
    StartSome();
  }

 private:
  void StartSome() {
    while (under_way_ < most_ && !waiting_.empty()) {
      Start start = std::move(waiting_.front());
      waiting_.pop_front();
      if (start()) ++under_way_;
    }
  }

  const size_t most_;
  const size_t most_waiting_;
  size_t under_way_ = 0;
  std::deque<Start> waiting_;
};

}  // namespace interlink::federation
