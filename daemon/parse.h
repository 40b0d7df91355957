#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

namespace interlink::daemon {

// Whether `bytes`, which gRPC took from a stream, are a message. They are empty
// then. (gRPC itself says of bytes that are none only that nothing came.)
template <class Message>
bool Parse(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

}  // namespace interlink::daemon
