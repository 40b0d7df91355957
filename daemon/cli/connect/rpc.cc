#include "daemon/cli/connect/rpc.h"

#include <utility>

#include "grpcpp/impl/codegen/proto_utils.h"

namespace interlink::cli {
namespace {

std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type)
          ->New());
}

}  // namespace

Rpc::Rpc(const google::protobuf::MethodDescriptor& method, RpcMessages requests,
         Post post, std::function<void()> ended)
    : method_(method),
      requests_(std::move(requests)),
      post_(std::move(post)),
      ended_(std::move(ended)),
      answer_(NewMessage(method.output_type())) {}

void Rpc::Start(GenericStub& stub, RpcEvents events) {
  self_ = shared_from_this();
  events_ = std::move(events);
  stub.PrepareBidiStreamingCall(
      &context_, "/" + method_.service()->full_name() + "/" + method_.name(),
      {}, this);
  // Reads begin outside of gRPC's callbacks. The hold is given back once no
  // read can follow.
  AddHold();
  WriteNext();
  StartRead(answer_.get());
  StartCall();
}

void Rpc::WriteNext() {
  if (written_ == requests_.size()) {
    StartWritesDone();
  } else {
    StartWrite(requests_[written_++].get());
  }
}

void Rpc::TakeNext() {
  if (!has_answer_) return;
  has_answer_ = false;
  StartRead(answer_.get());
}

void Rpc::Cancel() {
  if (is_cancelled_) return;
  is_cancelled_ = true;
  events_ = {};
  context_.TryCancel();
  if (std::exchange(has_answer_, false)) RemoveHold();
}

void Rpc::OnReadInitialMetadataDone(bool ok) {
  Metadata leading;
  if (ok) leading = MetadataForClients(context_.GetServerInitialMetadata());
  post_([this, self = shared_from_this(), leading = std::move(leading)] {
    has_begun_ = true;
    // A copy, because the owner may cancel the call in it.
    const auto on_begin = events_.on_begin;
    if (on_begin) on_begin(leading);
    if (has_answer_) Deliver();
  });
}

void Rpc::OnWriteDone(bool ok) {
  // Otherwise the call has ended, and OnDone() says how.
  if (ok) WriteNext();
}

void Rpc::OnReadDone(bool ok) {
  if (!ok) return RemoveHold();
  post_([this, self = shared_from_this()] {
    if (is_cancelled_) return RemoveHold();
    has_answer_ = true;
    // The other callback may run on another thread, and be late.
    if (has_begun_) Deliver();
  });
}

void Rpc::Deliver() {
  const auto on_message = events_.on_message;
  on_message(*answer_);
}

void Rpc::OnDone(const grpc::Status& status) {
  post_([this, self = std::move(self_), status,
         trailing = MetadataForClients(context_.GetServerTrailingMetadata())] {
    // The events may let go of the call's owner.
    const RpcEvents events = std::move(events_);
    if (!is_cancelled_) events.on_end(status, trailing);
    ended_();
  });
}

}  // namespace interlink::cli
