#pragma once

#include "absl/status/status.h"
#include "daemon/rpc/grpc_status.h"

namespace interlink::daemon {

// A stream that ends with an error before it begins, and deletes itself.
// `Reactor` is gRPC's, such as grpc::ServerWriteReactor<Response>.
template <class Reactor>
class RefusedStream final : public Reactor {
 public:
  explicit RefusedStream(const absl::Status& status) {
    this->Finish(ToGrpc(status));
  }
  void OnDone() override { delete this; }
};

}  // namespace interlink::daemon
