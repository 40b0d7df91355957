#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

// Messages of the API as protobuf JSON, as scripts and the page see them.
namespace interlink::cli {

// Writes `message` on one line: every field, unset or not, under its name in
// the proto, as grpcurl does with -emit-defaults. A message that is not set is
// null; of a oneof only the member that is set is there.
// Errors: INTERNAL.
grpc::Status WriteJson(const google::protobuf::Message& message,
                       std::string* json);

// Reads `json` into `message`. Fields may have their names in the proto or in
// lowerCamelCase. A field that the message does not have is an error: it may be
// a misspelt one, such as the "private" of a number.
// Errors: INVALID_ARGUMENT (REQUEST_INVALID), which repeats no authorization
// key.
grpc::Status ReadJson(std::string_view json,
                      google::protobuf::Message* message);

}  // namespace interlink::cli
