#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

// Whether `bytes`, which gRPC took from a stream, are a message. They are empty
// then. (gRPC itself says of bytes that are none only that nothing came.)
template <class Message>
bool Parse(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

// REQUEST_INVALID, of bytes that are no `Request`.
template <class Request>
absl::Status Unparsable() {
  return federation::Refusal(
      federation::Reason::kRequestInvalid,
      "this is no " + Request::descriptor()->full_name() +
          ": it is not in protobuf, or a text in it is not UTF-8; build the "
          "request from this daemon's .proto files");
}

}  // namespace interlink::daemon
