#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/connect/metadata.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"

namespace interlink::cli {

using GenericStub = grpc::TemplatedGenericStub<google::protobuf::Message,
                                               google::protobuf::Message>;
using RpcMessages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Has a task run on the one thread that all calls belong to, in the order
// posted.
using Post = std::function<void(std::function<void()> task)>;

// What the owner of an Rpc is told, on the thread of its tasks.
struct RpcEvents {
  // Once, before any message.
  std::function<void(const Metadata& leading)> on_begin;
  // One message; the next one comes after TakeNext().
  std::function<void(const google::protobuf::Message& message)> on_message;
  // Once, at last.
  std::function<void(const grpc::Status& status, const Metadata& trailing)>
      on_end;
};

// One gRPC call of any method, known by its descriptor: sends all requests,
// then reads answers as its owner takes them. gRPC carries unary calls and
// streams in the same way, so one class does for all.
//
// Threading: Start(), TakeNext() and Cancel() on the thread of Post's tasks,
// where the events come too. Lifetime: holds itself until gRPC is done with
// it; the stub must live as long.
class Rpc final : public grpc::ClientBidiReactor<google::protobuf::Message,
                                                 google::protobuf::Message>,
                  public std::enable_shared_from_this<Rpc> {
 public:
  // `ended` is called once gRPC has done with the call, cancelled or not.
  Rpc(const google::protobuf::MethodDescriptor& method, RpcMessages requests,
      Post post, std::function<void()> ended);

  // Where to set deadline and metadata before Start().
  grpc::ClientContext& context() { return context_; }

  void Start(GenericStub& stub, RpcEvents events);
  void TakeNext();
  // Ends the call; no event comes any more. May be repeated.
  void Cancel();

 private:
  void OnReadInitialMetadataDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  void WriteNext();
  void Deliver();

  const google::protobuf::MethodDescriptor& method_;
  const RpcMessages requests_;
  size_t written_ = 0;
  const Post post_;
  const std::function<void()> ended_;
  grpc::ClientContext context_;
  const std::unique_ptr<google::protobuf::Message> answer_;
  std::shared_ptr<Rpc> self_;  // Until gRPC is done.

  RpcEvents events_;
  bool has_begun_ = false;
  bool is_cancelled_ = false;
  bool has_answer_ = false;  // It waits for TakeNext().
};

}  // namespace interlink::cli
