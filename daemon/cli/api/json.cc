#include "daemon/cli/api/json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/text.h"
#include "google/protobuf/util/json_util.h"

namespace interlink::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

// `json`, which protobuf has written for `message`, completed by null for each
// message that is not set: protobuf has no option for that.
Json WithNulls(const Message& message, Json json) {
  if (!json.is_object()) return json;  // A time, say.
  const auto* type = message.GetDescriptor();
  const auto* fields = message.GetReflection();
  Json whole = Json::object();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const auto found = json.find(field->name());
    if (found == json.end()) {
      if (field->real_containing_oneof() == nullptr) {
        whole[field->name()] = nullptr;
      }
      continue;
    }
    Json& value = whole[field->name()] = std::move(*found);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    // A map is an object with its keys for names.
    if (field->is_map()) continue;
    if (!field->is_repeated()) {
      value = WithNulls(fields->GetMessage(message, field), std::move(value));
      continue;
    }
    for (int j = 0; j < fields->FieldSize(message, field); ++j) {
      Json& element = value[static_cast<size_t>(j)];
      element = WithNulls(fields->GetRepeatedMessage(message, field, j),
                          std::move(element));
    }
  }
  return whole;
}

}  // namespace

grpc::Status WriteJson(const Message& message, std::string* json) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) {
    return grpc::Status(
        grpc::StatusCode::INTERNAL,
        "cannot write the answer as JSON: " + status.message().as_string());
  }
  *json = WithNulls(message, Json::parse(text)).dump();
  return grpc::Status::OK;
}

grpc::Status ReadJson(std::string_view json, Message* message) {
  const auto refuse = [message](const std::string& why) {
    return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                        "the request is no " +
                            message->GetDescriptor()->full_name() +
                            " in JSON: " + WithoutKeys(why) +
                            "; proto/interlink/v1 says what it has");
  };
  // Protobuf takes nothing at all for a message without fields.
  if (Trim(json).empty()) return refuse("it is empty; send at least {}");
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message);
  if (status.ok()) return grpc::Status::OK;
  return refuse(status.message().as_string());
}

}  // namespace interlink::cli
