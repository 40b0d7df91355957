#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string_view>
#include <utility>

#include "federation/base/durations.h"

namespace interlink::daemon {

// The RPCs of some services since the start, by method: what dashboards know as
// grpc_server_* or grpc_client_*.
//
// Threading: thread-safe.
class RpcCounts {
 public:
  static constexpr size_t kCodes = 17;

  struct Method {
    using Count = std::atomic<uint64_t>;

    const char* type = nullptr;  // "unary" and so on.
    Count started{0};
    std::array<Count, kCodes> handled{};  // By the code that ended them.
    Count received{0};                    // Messages.
    Count sent{0};
    federation::Durations times;
  };

  // Of all services in `files`.
  explicit RpcCounts(
      std::initializer_list<const google::protobuf::FileDescriptor*> files);

  // REQUIRES: a method of the files: "interlink.v1.NumberService", "GetNumber".
  Method& Of(std::string_view service, std::string_view method);

  // By service and name.
  using Methods =
      std::map<std::pair<std::string_view, std::string_view>, Method>;
  const Methods& methods() const { return methods_; }

 private:
  Methods methods_;
};

// One RPC on its way through the counts. A value that may be copied; it is to
// be ended once.
//
// Threading: as its owner's. Lifetime: the arguments must outlive it.
class CountedCall {
 public:
  // It begins.
  CountedCall(const federation::EventLoop& clock, RpcCounts::Method& counts)
      : clock_(&clock), counts_(&counts), start_(clock.Now()) {
    ++counts.started;
  }
  void Received() const { ++counts_->received; }
  void Sent() const { ++counts_->sent; }
  void Ended(const grpc::Status& status) const;
  // In OnDone() of a stream: `status`, unless its client broke it off. Before
  // that a stream that was broken off looks like one that has ended well.
  void Done(const grpc::CallbackServerContext& context,
            const grpc::Status& status) const {
    Ended(context.IsCancelled() ? grpc::Status::CANCELLED : status);
  }

 private:
  const federation::EventLoop* clock_;
  RpcCounts::Method* counts_;
  federation::SteadyTime start_;
};

// A unary RPC that is served: gRPC's default reactor, and its counts.
class UnaryCall {
 public:
  // It begins.
  UnaryCall(grpc::CallbackServerContext& context, CountedCall counted)
      : reactor_(context.DefaultReactor()), counted_(counted) {
    counted_.Received();
  }
  grpc::ServerUnaryReactor* Finish(const grpc::Status& status) const {
    if (status.ok()) counted_.Sent();
    counted_.Ended(status);
    reactor_->Finish(status);
    return reactor_;
  }
  // What the method returns.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 private:
  grpc::ServerUnaryReactor* reactor_;
  CountedCall counted_;
};

}  // namespace interlink::daemon
