#include "daemon/cli/api/session.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/show/terminal.h"
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

ExitCode Session::PrintJson(const Message& response) const {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(response, &text, options);
  if (!status.ok()) {
    return Fail(grpc::Status(
        grpc::StatusCode::INTERNAL,
        "cannot write the answer as JSON: " + status.message().as_string()));
  }
  console.out << WithNulls(response, Json::parse(text)).dump() << std::endl;
  return ExitCode::kDone;
}

void Session::Warn(
    const google::protobuf::RepeatedPtrField<std::string>& warnings) const {
  for (const std::string& warning : warnings) Warn(warning);
}

void Session::Warn(const std::string& warning) const {
  console.out.flush();
  console.err << "warning: " << Clean(warning) << ".\n";
}

ExitCode Session::Fail(const grpc::Status& status) const {
  if (status.error_code() == grpc::StatusCode::CANCELLED &&
      IsPipeClosed(console.out_descriptor)) {
    return ExitCode::kPipeClosed;
  }
  Failure failure = FailureOf(status);
  if (failure.reason.empty() && failure.code == grpc::StatusCode::UNAVAILABLE) {
    failure = FailureOf(UnreachableFailure(endpoint, failure.message));
  } else if (failure.code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    failure.message =
        "the daemon did not answer in time; it may still do what was asked "
        "(--timeout SECONDS allows more)";
  }
  PrintFailure(console, output, failure);
  return ExitCodeOf(failure);
}

}  // namespace interlink::cli
