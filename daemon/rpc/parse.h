#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

// Parses `bytes`, which gRPC has read from a stream, and empties them. False if
// they are no Message, which gRPC would report as the end of the stream.
template <class Message>
bool Parse(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

// REQUEST_INVALID for bytes that are no `Request`.
template <class Request>
absl::Status Unparsable() {
  return federation::Refusal(
      federation::Reason::kRequestInvalid,
      "this is not a message " + Request::descriptor()->full_name() +
          ": it is not protobuf, or a text in it is not UTF-8; build the "
          "request from this daemon's .proto files");
}

}  // namespace interlink::daemon
