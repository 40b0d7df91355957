#include "daemon/cli/session.h"

#include "daemon/cli/failure.h"
#include "google/protobuf/util/json_util.h"

namespace interlink::cli {

ExitCode Session::PrintJson(const google::protobuf::Message& response) const {
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(response, &text);
  if (!status.ok()) {
    return Fail(grpc::Status(
        grpc::StatusCode::INTERNAL,
        "cannot write the answer as JSON: " + status.message().as_string()));
  }
  console.out << text << std::endl;
  return ExitCode::kDone;
}

ExitCode Session::Fail(const grpc::Status& status) const {
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
