#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "daemon/net/once_per_source.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Counts the connections of one listener that were closed or refused because it
// had too many, and logs each source once in ten minutes.
//
// Threading: one thread, or the caller's lock; count() from any.
class TurnedAway {
 public:
  // `listener` is its setting, such as "--http-listen".
  TurnedAway(const federation::EventLoop& loop, std::string listener)
      : loop_(loop), listener_(std::move(listener)) {}

  // One that came from `network` (see NetworkOf()).
  void Add(const std::string& network);

  uint64_t count() const { return count_; }

 private:
  const federation::EventLoop& loop_;
  const std::string listener_;
  std::atomic<uint64_t> count_ = 0;
  OncePerSource log_;
};

}  // namespace interlink::daemon
