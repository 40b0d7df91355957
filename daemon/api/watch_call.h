#pragma once

#include <grpcpp/support/status.h>

#include <functional>

#include "daemon/api/rpc_policy.h"
#include "daemon/rpc/rpc_counts.h"

namespace interlink::daemon {

// The call that a watch answers.
struct WatchCall {
  CountedCall counted;
  Role role;  // Of its caller.
  // Ends it with this status at once, although a message waits to be read.
  std::function<void(const grpc::Status&)> break_off;
};

}  // namespace interlink::daemon
