#include "daemon/cli/connect/connect_error.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/json.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/error.pb.h"

namespace interlink::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Code {
  const char* name;
  int http_status;
};

// By gRPC's number of the code.
constexpr std::array<Code, 17> kCodes = {{{"ok", 200},
                                          {"canceled", 499},
                                          {"unknown", 500},
                                          {"invalid_argument", 400},
                                          {"deadline_exceeded", 504},
                                          {"not_found", 404},
                                          {"already_exists", 409},
                                          {"permission_denied", 403},
                                          {"resource_exhausted", 429},
                                          {"failed_precondition", 400},
                                          {"aborted", 409},
                                          {"out_of_range", 400},
                                          {"unimplemented", 501},
                                          {"internal", 500},
                                          {"unavailable", 503},
                                          {"data_loss", 500},
                                          {"unauthenticated", 401}}};

const Code& CodeOf(grpc::StatusCode code) {
  const auto number = static_cast<size_t>(code);
  return number < kCodes.size() ? kCodes[number]
                                : kCodes[grpc::StatusCode::UNKNOWN];
}

// The detail for people who read the answer; null if this program does not
// know its type, or it is damaged.
Json DebugOf(const std::string& type, const std::string& value) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          type);
  if (descriptor == nullptr) return nullptr;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(descriptor)
          ->New());
  std::string json;
  if (!message->ParseFromString(value) || !WriteJson(*message, &json).ok()) {
    return nullptr;
  }
  return Json::parse(json);
}

Json DetailsOf(const grpc::Status& status) {
  Json all = Json::array();
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return all;
  for (const auto& detail : details.details()) {
    const std::string& url = detail.type_url();
    const std::string type = url.substr(url.rfind('/') + 1);
    std::string value = absl::Base64Escape(detail.value());
    value.erase(value.find_last_not_of('=') + 1);
    Json& written = all.emplace_back(Json{{"type", type}, {"value", value}});
    if (Json debug = DebugOf(type, detail.value()); !debug.is_null()) {
      written["debug"] = std::move(debug);
    }
  }
  return all;
}

Json ErrorOf(const grpc::Status& status) {
  Json error = {{"code", CodeOf(status.error_code()).name},
                {"message", status.error_message()}};
  if (Json details = DetailsOf(status); !details.empty()) {
    error["details"] = std::move(details);
  }
  return error;
}

// Replaces damaged UTF-8, at which dump() would throw.
std::string Written(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

grpc::Status RequestInvalid(const std::string& sentence) {
  return LocalFailure(grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID",
                      sentence);
}

int HttpStatusOf(grpc::StatusCode code) { return CodeOf(code).http_status; }

std::string ErrorJson(const grpc::Status& status) {
  return Written(ErrorOf(status));
}

std::string EndOfStreamJson(const grpc::Status& status,
                            const Metadata& trailing) {
  Json end = Json::object();
  if (!status.ok()) end["error"] = ErrorOf(status);
  Json& metadata = end["metadata"] = Json::object();
  for (const auto& [name, value] : trailing) metadata[name].push_back(value);
  return Written(end);
}

}  // namespace interlink::cli
