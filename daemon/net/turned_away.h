#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The connections of one listener that were closed because too many stood, as
// the administrator is told of them: each source once in ten minutes.
//
// Threading: one thread, or the caller's lock.
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
  uint64_t count_ = 0;
  std::map<std::string, federation::SteadyTime> quiet_until_;
};

}  // namespace interlink::daemon
