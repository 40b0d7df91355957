#pragma once

#include <atomic>
#include <cstdint>

namespace interlink::daemon {

// What came to the SIP door since the start, for the metrics.
//
// Threading: thread-safe.
struct SipCounters {
  using Count = std::atomic<uint64_t>;

  Count answered_ok{0};         // 200: OPTIONS and CANCEL.
  Count redirected_locally{0};  // 302 to this account's own destination.
  Count redirected_to_peers{0};
  Count admitted{0};           // 302 of a call with a token.
  Count refused{0};            // 403
  Count not_found{0};          // 404
  Count unavailable{0};        // 480 and 503
  Count cancelled{0};          // 487
  Count refused_otherwise{0};  // What a redirect server cannot do.
  Count repeated{0};           // Requests that came again.
  Count malformed{0};          // Dropped, or answered 400.
  Count not_allowed{0};        // From other sources than --sip-allow.
};

}  // namespace interlink::daemon
