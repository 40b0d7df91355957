#include "daemon/cli/api/session.h"

#include <string>

#include "daemon/cli/api/failure.h"
#include "daemon/cli/api/json.h"
#include "daemon/cli/show/terminal.h"
#include "daemon/cli/show/text.h"

namespace interlink::cli {

ExitCode Session::PrintJson(const google::protobuf::Message& response) const {
  std::string json;
  const grpc::Status status = WriteJson(response, &json);
  if (!status.ok()) return Fail(status);
  console.out << json << std::endl;
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
  Failure failure = FailureOf(Explained(endpoint, status));
  if (failure.code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    failure.message =
        "the daemon did not answer in time; it may still do what was asked "
        "(--timeout SECONDS allows more)";
  }
  PrintFailure(console, output, failure);
  return ExitCodeOf(failure);
}

}  // namespace interlink::cli
