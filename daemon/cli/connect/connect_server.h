#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "daemon/cli/connect/connect_call.h"
#include "daemon/cli/connect/rpc.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// The Connect protocol, in JSON or binary, in front of a gRPC API: unary calls,
// streams of the server, and streams of the client whose messages come in one
// request (https://connectrpc.com/docs/protocol). Reads what there is to call
// from the descriptors of the API.
//
// A field that a message does not have is refused, where other servers of this
// protocol ignore it.
//
// Threading: the thread of Post's tasks. Lifetime: what Post leads to must
// outlive it, and nothing may be destroyed before calls() is 0.
class ConnectServer {
 public:
  struct Options {
    // Of a call that answers once, unless its client says another.
    std::chrono::milliseconds timeout{60'000};
    size_t calls = 32;  // At most, at a time.
    // Turns the error of a call into what its client is told.
    std::function<grpc::Status(const grpc::Status&)> explain;
  };

  ConnectServer(const std::shared_ptr<grpc::Channel>& channel, Post post,
                Options options)
      : stub_(channel), post_(std::move(post)), options_(std::move(options)) {}
  ConnectServer(const ConnectServer&) = delete;
  ConnectServer& operator=(const ConnectServer&) = delete;

  // Makes the call that `request` asks for. Returns nullptr if there is none to
  // be made; then `answer` has the reason already.
  std::unique_ptr<ConnectCall> Open(const ConnectRequest& request,
                                    ConnectAnswer& answer);

  // Calls with which gRPC is not done yet, also those that were cancelled.
  size_t calls() const { return calls_; }

 private:
  std::shared_ptr<Rpc> MakeRpc(const google::protobuf::MethodDescriptor& method,
                               RpcMessages messages);
  RpcEvents EventsFor(ConnectCall& call) const;

  GenericStub stub_;
  const Post post_;
  const Options options_;
  size_t calls_ = 0;
};

}  // namespace interlink::cli
