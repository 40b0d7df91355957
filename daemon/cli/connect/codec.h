#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

// How messages are written: in JSON, which the page and curl use, or in
// protobuf's binary form, which is what buf curl and most libraries begin with.
namespace interlink::cli {

enum class Codec { kJson, kProto };
// A call that answers once, or one whose messages come in envelopes.
enum class CallKind { kUnary, kStream };

// nullopt if it is the content type of something else. Its parameters say
// nothing that matters.
std::optional<Codec> CodecOf(std::string_view content_type, CallKind kind);

const char* ContentTypeOf(Codec codec, CallKind kind);
// All that CodecOf() knows, for an Accept-Post header.
const char* ContentTypesOf(CallKind kind);

// Errors: INVALID_ARGUMENT (REQUEST_INVALID), as ReadJson() says.
grpc::Status ReadMessage(Codec codec, std::string_view bytes,
                         google::protobuf::Message* message);
// Errors: INTERNAL.
grpc::Status WriteMessage(Codec codec, const google::protobuf::Message& message,
                          std::string* bytes);

}  // namespace interlink::cli
