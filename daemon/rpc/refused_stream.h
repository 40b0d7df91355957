#pragma once

#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "daemon/rpc/grpc_status.h"

namespace interlink::daemon {

// Answers a stream with an error and deletes itself.
template <class Response>
class RefusedWrites final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedWrites(const absl::Status& status) {
    this->Finish(ToGrpc(status));
  }
  void OnDone() override { delete this; }
};

template <class Request>
class RefusedReads final : public grpc::ServerReadReactor<Request> {
 public:
  explicit RefusedReads(const absl::Status& status) {
    this->Finish(ToGrpc(status));
  }
  void OnDone() override { delete this; }
};

}  // namespace interlink::daemon
