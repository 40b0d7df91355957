#pragma once

#include <chrono>
#include <functional>

namespace interlink::daemon {

// Ends a gRPC server by `end`, which shuts it down with this deadline. gRPC's
// shutdown cancels calls then, but waits on for a client that leaves its socket
// unread. So if `end` has not returned a moment later, `break_all` is called,
// on another thread, and has to break the server's connections.
//
// Threading: thread-safe; returns when both have returned.
void EndInTime(std::chrono::system_clock::time_point deadline,
               const std::function<void()>& end,
               const std::function<void()>& break_all);

}  // namespace interlink::daemon
