#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace interlink::federation {

// Bounds how many calls are under way at once; the others wait for their turn.
//
// Threading: loop only.
class CallQueue {
 public:
  // Begins a call and returns true, or returns false if none is needed any
  // more.
  using Start = absl::AnyInvocable<bool()>;

  CallQueue(size_t most, size_t most_waiting)
      : most_(most), most_waiting_(most_waiting) {}

  // Runs `start` now or in its turn. Returns false if too many calls wait.
  bool Add(Start start) {
    if (waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(start));
    StartSome();
    return true;
  }
  // To be called when a call that was begun has ended.
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
