#include "daemon/cli/connect/codec.h"

#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/json.h"
#include "daemon/cli/show/text.h"

namespace interlink::cli {

std::optional<Codec> CodecOf(std::string_view content_type, CallKind kind) {
  const std::string type =
      LowerCase(Trim(content_type.substr(0, content_type.find(';'))));
  for (const Codec codec : {Codec::kJson, Codec::kProto}) {
    if (type == ContentTypeOf(codec, kind)) return codec;
  }
  return std::nullopt;
}

const char* ContentTypeOf(Codec codec, CallKind kind) {
  if (kind == CallKind::kStream) {
    return codec == Codec::kJson ? "application/connect+json"
                                 : "application/connect+proto";
  }
  return codec == Codec::kJson ? "application/json" : "application/proto";
}

const char* ContentTypesOf(CallKind kind) {
  return kind == CallKind::kStream
             ? "application/connect+json, application/connect+proto"
             : "application/json, application/proto";
}

grpc::Status ReadMessage(Codec codec, std::string_view bytes,
                         google::protobuf::Message* message) {
  if (codec == Codec::kJson) return ReadJson(bytes, message);
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return grpc::Status::OK;
  }
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                      "the request is no " +
                          message->GetDescriptor()->full_name() +
                          " in the binary form of protobuf");
}

grpc::Status WriteMessage(Codec codec, const google::protobuf::Message& message,
                          std::string* bytes) {
  if (codec == Codec::kJson) return WriteJson(message, bytes);
  if (message.SerializeToString(bytes)) return grpc::Status::OK;
  return grpc::Status(grpc::StatusCode::INTERNAL, "cannot write the answer");
}

}  // namespace interlink::cli
