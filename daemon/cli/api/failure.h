#pragma once

#include <string>
#include <string_view>

#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/show/console.h"
#include "grpcpp/support/status.h"

// Errors, for the administrator and for scripts.
namespace interlink::cli {

// An error of the API taken apart. Its texts are not Clean().
struct Failure {
  grpc::StatusCode code;
  std::string reason;  // From ErrorInfo, else the message; may be empty.
  // One sentence with the next step, without "REASON: ". It is shown as it is,
  // so an error found on this side has to name the next step too.
  std::string message;
};

Failure FailureOf(const grpc::Status& status);

// What the error tells programs under `key`; empty if nothing.
std::string MetadataOf(const grpc::Status& status, const std::string& key);

// An error found on this side, in the form of the daemon's.
grpc::Status LocalFailure(grpc::StatusCode code, std::string_view reason,
                          std::string_view sentence);

ExitCode ExitCodeOf(const Failure& failure);

// Writes the failure to console.err, as text or as one JSON object.
void PrintFailure(const Console& console, Output output,
                  const Failure& failure);

}  // namespace interlink::cli
