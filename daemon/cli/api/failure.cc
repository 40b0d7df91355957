#include "daemon/cli/api/failure.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "daemon/cli/show/text.h"
#include "google/rpc/error.pb.h"

namespace interlink::cli {
namespace {

// Empty if the error has none.
google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return {};
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info) && info.domain() == "interlink") return info;
  }
  return {};
}

// The REASON of "REASON: sentence"; empty for any other text.
std::string ReasonInMessage(const std::string& message) {
  const size_t end = message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (end == 0 || end == std::string::npos) return "";
  return message.compare(end, 2, ": ") == 0 ? message.substr(0, end) : "";
}

}  // namespace

Failure FailureOf(const grpc::Status& status) {
  Failure failure{status.error_code(), InfoOf(status).reason(),
                  status.error_message()};
  const std::string prefix = ReasonInMessage(failure.message);
  if (failure.reason.empty()) failure.reason = prefix;
  if (!prefix.empty() && prefix == failure.reason) {
    failure.message.erase(0, prefix.size() + 2);
  }
  return failure;
}

std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

grpc::Status LocalFailure(grpc::StatusCode code, std::string_view reason,
                          std::string_view sentence) {
  return grpc::Status(code, std::string(reason) + ": " + std::string(sentence));
}

ExitCode ExitCodeOf(const Failure& failure) {
  if (failure.reason == "USAGE") return ExitCode::kUsage;
  // The daemon answers; its disk does not.
  if (failure.reason == "STORE_UNAVAILABLE") return ExitCode::kInternal;
  switch (failure.code) {
    case grpc::StatusCode::OK:
      return ExitCode::kDone;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotFound;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ExitCode::kUnreachable;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ExitCode::kRefused;
    case grpc::StatusCode::UNIMPLEMENTED:  // KEY_VERSION, or an older daemon.
      return failure.reason.empty() ? ExitCode::kInternal : ExitCode::kRefused;
    default:
      return ExitCode::kInternal;
  }
}

void PrintFailure(const Console& console, Output output,
                  const Failure& failure) {
  if (output == Output::kJson) {
    const nlohmann::ordered_json error = {
        {"reason", failure.reason},
        {"message", WithoutKeys(failure.message)},
        {"code", absl::StatusCodeToString(
                     static_cast<absl::StatusCode>(failure.code))}};
    const nlohmann::ordered_json object = {{"error", error}};
    // Replaces damaged UTF-8, at which dump() would throw.
    console.err << object.dump(-1, ' ', false,
                               nlohmann::json::error_handler_t::replace)
                << std::endl;
    return;
  }
  console.err << "interlinkctl: ";
  if (!failure.reason.empty()) console.err << Clean(failure.reason) << ": ";
  console.err << Clean(WithoutKeys(failure.message)) << std::endl;
}

}  // namespace interlink::cli
