#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// Keeps the log quiet about sources that do the same thing thousands of times.
//
// Threading: one thread, or the caller's lock.
class OncePerSource {
 public:
  static constexpr std::chrono::minutes kQuiet{10};
  static constexpr size_t kMaxSources = 4096;

  // Whether to log what `network` (see NetworkOf()) does now: once in kQuiet
  // for each source, and never for sources beyond the first kMaxSources.
  bool MayLog(const std::string& network, federation::SteadyTime now);

 private:
  std::map<std::string, federation::SteadyTime> quiet_until_;
  // Until then a look for sources to forget is in vain.
  federation::SteadyTime full_until_;
};

}  // namespace interlink::daemon
