#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <atomic>
#include <memory>

namespace interlink::daemon {

// Bounds the watches that gRPC's own health service has open for the clients of
// one server, which gRPC does not: each takes memory for as long as its client
// likes. One too many is cancelled.
//
// Threading: thread-safe.
class HealthWatches final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  static constexpr int kMost = 100;

  // nullptr for all other calls, which then cost as much as without this.
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override;

 private:
  class Watch;

  // Shared with those that are open.
  const std::shared_ptr<std::atomic<int>> open_ =
      std::make_shared<std::atomic<int>>(0);
};

}  // namespace interlink::daemon
