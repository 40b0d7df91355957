#include "daemon/api/health_watches.h"

#include <grpcpp/server_context.h>

#include <string_view>
#include <utility>

namespace interlink::daemon {

using grpc::experimental::InterceptionHookPoints;

// One that is open: it lives as long as its call.
class HealthWatches::Watch final : public grpc::experimental::Interceptor {
 public:
  Watch(std::shared_ptr<std::atomic<int>> open,
        grpc::ServerContextBase& context)
      : open_(std::move(open)), context_(context), number_(++*open_) {}
  ~Watch() override { --*open_; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void Intercept(
      grpc::experimental::InterceptorBatchMethods* methods) override {
    if (number_ > kMost && methods->QueryInterceptionHookPoint(
                               InterceptionHookPoints::POST_RECV_MESSAGE)) {
      context_.TryCancel();
    }
    methods->Proceed();
  }

 private:
  const std::shared_ptr<std::atomic<int>> open_;
  grpc::ServerContextBase& context_;
  const int number_;  // How many there were then, this one included.
};

grpc::experimental::Interceptor* HealthWatches::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* call) {
  if (std::string_view(call->method()) != "/grpc.health.v1.Health/Watch") {
    return nullptr;
  }
  return new Watch(open_, *call->server_context());
}

}  // namespace interlink::daemon
