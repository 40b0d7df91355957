#pragma once

#include <chrono>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The header Date, which every answer has (RFC 9110 6.6.1); written once a
// second.
//
// Threading: one thread.
class HttpDate {
 public:
  const std::string& At(federation::WallTime now);

 private:
  std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>
      second_;
  std::string text_;
};

}  // namespace interlink::daemon
