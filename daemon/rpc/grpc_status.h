#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace interlink::daemon {

// The same error for gRPC: code, message, and the payloads as the details of a
// google.rpc.Status in "grpc-status-details-bin", ErrorInfo first.
grpc::Status ToGrpc(const absl::Status& status);

// The inverse. `status` may come from a hostile server: the message is cut at
// 1024 bytes, and details are only kept if they are well-formed, at most 8 and
// at most 4096 bytes in all.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace interlink::daemon
