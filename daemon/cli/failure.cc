#include "daemon/cli/failure.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/cli/text.h"
#include "google/rpc/error.pb.h"

namespace interlink::cli {
namespace {

std::string ReasonInDetails(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info) && info.domain() == "interlink") {
      return info.reason();
    }
  }
  return "";
}

// The REASON of "REASON: sentence"; empty for any other text.
std::string ReasonInMessage(const std::string& message) {
  const size_t end = message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (end == 0 || end == std::string::npos) return "";
  return message.compare(end, 2, ": ") == 0 ? message.substr(0, end) : "";
}

using NextStep = std::pair<std::string_view, std::string_view>;
constexpr std::array<NextStep, 19> kNextSteps = {{
    {"INVALID_KEY",
     "Copy the whole key again; if it is refused again, ask the other "
     "administrator for a new one."},
    {"KEY_EXPIRED", "Ask the other administrator to generate a new key."},
    {"KEY_REVOKED",
     "The other administrator deleted this key; ask for a new one."},
    {"KEY_ALREADY_USED",
     "Each key links one account only; ask the other administrator for a key "
     "of your own."},
    {"KEY_DAMAGED",
     "Copy the key again, the whole line from ilk1_ to its end."},
    {"KEY_VERSION",
     "The key was made by a later version; update interlinkd on this side."},
    {"SELF_LINK",
     "This key was generated here; send it to the other administrator."},
    {"ALREADY_LINKED",
     "See `interlinkctl list`; to link anew, delete the row that stands."},
    {"NAME_TAKEN",
     "Choose another name, or rename the row that has it: `interlinkctl "
     "list`."},
    {"NAME_INVALID",
     "A name has 1 to 64 characters, none of them a control "
     "character."},
    {"PROTOCOL_VERSION",
     "Update the older of the two daemons; `interlinkctl status` tells the "
     "version of this one."},
    {"LINK_TERMINATED",
     "The other account has deleted this link; ask for a new key to link "
     "again."},
    {"PEER_IDENTITY_MISMATCH",
     "The account is known here under another certificate; ask its "
     "administrator whether it was installed anew."},
    {"NO_ADDRESS",
     "Start interlinkd with --advertise HOST:PORT, or enter a key that the "
     "other account generates."},
    {"KEY_NOT_PENDING", "Only a row that is still grey has a key to show."},
    {"LINK_NOT_FOUND", "`interlinkctl list` shows the rows."},
    {"NUMBER_TAKEN", "Change it with `interlinkctl number set`."},
    {"LIMIT_REACHED", "Delete rows or numbers that are no longer needed."},
    {"RATE_LIMITED", "Wait a minute and try again."},
}};

constexpr std::array<std::string_view, 17> kCodeNames = {"OK",
                                                         "CANCELLED",
                                                         "UNKNOWN",
                                                         "INVALID_ARGUMENT",
                                                         "DEADLINE_EXCEEDED",
                                                         "NOT_FOUND",
                                                         "ALREADY_EXISTS",
                                                         "PERMISSION_DENIED",
                                                         "RESOURCE_EXHAUSTED",
                                                         "FAILED_PRECONDITION",
                                                         "ABORTED",
                                                         "OUT_OF_RANGE",
                                                         "UNIMPLEMENTED",
                                                         "INTERNAL",
                                                         "UNAVAILABLE",
                                                         "DATA_LOSS",
                                                         "UNAUTHENTICATED"};

}  // namespace

Failure FailureOf(const grpc::Status& status) {
  Failure failure{status.error_code(), ReasonInDetails(status),
                  status.error_message()};
  const std::string prefix = ReasonInMessage(failure.message);
  if (failure.reason.empty()) failure.reason = prefix;
  if (!prefix.empty() && prefix == failure.reason) {
    failure.message.erase(0, prefix.size() + 2);
  }
  return failure;
}

grpc::Status LocalFailure(grpc::StatusCode code, std::string_view reason,
                          std::string_view sentence) {
  return grpc::Status(code, std::string(reason) + ": " + std::string(sentence));
}

ExitCode ExitCodeOf(const Failure& failure) {
  if (failure.reason == "USAGE") return ExitCode::kUsage;
  // The daemon's disk, not a way to it.
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

std::string_view NextStepFor(std::string_view reason) {
  const auto* step =
      std::find_if(kNextSteps.begin(), kNextSteps.end(),
                   [&](const NextStep& next) { return next.first == reason; });
  return step == kNextSteps.end() ? std::string_view() : step->second;
}

std::string_view CodeName(grpc::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodeNames.size() ? kCodeNames[index] : "UNKNOWN";
}

void PrintFailure(const Console& console, Output output,
                  const Failure& failure) {
  if (output == Output::kJson) {
    const nlohmann::ordered_json error = {
        {"reason", failure.reason},
        {"message", WithoutKeys(failure.message)},
        {"code", CodeName(failure.code)}};
    const nlohmann::ordered_json object = {{"error", error}};
    // What is not UTF-8 in a message is replaced: dump() would throw.
    console.err << object.dump(-1, ' ', false,
                               nlohmann::json::error_handler_t::replace)
                << std::endl;
    return;
  }
  console.err << "interlinkctl: ";
  if (!failure.reason.empty()) console.err << Clean(failure.reason) << ": ";
  console.err << Clean(WithoutKeys(failure.message)) << '\n';
  const std::string_view next = NextStepFor(failure.reason);
  if (!next.empty()) console.err << "  " << next << '\n';
  console.err.flush();
}

}  // namespace interlink::cli
