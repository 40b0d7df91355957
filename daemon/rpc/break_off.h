#pragma once

#include <grpc/grpc.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

namespace interlink::daemon {

// Ends the call with this status at once. Finish() would wait until its client
// has read what was written before, and TryCancel() gives no reason.
//
// Threading: thread-safe. REQUIRES: the call's OnDone() cannot have come yet.
inline void BreakOff(grpc::CallbackServerContext& context,
                     const grpc::Status& status) {
  grpc_call_cancel_with_status(
      context.c_call(), static_cast<grpc_status_code>(status.error_code()),
      status.error_message().c_str(), nullptr);
}

}  // namespace interlink::daemon
