#pragma once

namespace interlink::testing {

// While one lives, its thread passes for one that is not the loop: a test calls
// within it what the daemon calls on gRPC's threads.
class OffLoop {
 public:
  OffLoop() { ++count_; }
  ~OffLoop() { --count_; }
  OffLoop(const OffLoop&) = delete;
  OffLoop& operator=(const OffLoop&) = delete;

  static bool IsThisThread() { return count_ > 0; }

 private:
  inline static thread_local int count_ = 0;
};

}  // namespace interlink::testing
