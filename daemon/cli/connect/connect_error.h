#pragma once

#include <string>
#include <string_view>

#include "daemon/cli/connect/metadata.h"
#include "grpcpp/support/status.h"

// Errors as the Connect protocol writes them.
namespace interlink::cli {

// The HTTP status of a unary call that failed with `code`.
int HttpStatusOf(grpc::StatusCode code);

// INVALID_ARGUMENT (REQUEST_INVALID).
grpc::Status RequestInvalid(const std::string& sentence);

// {"code", "message", "details"}; the details are those of
// grpc-status-details-bin, if there are any.
std::string ErrorJson(const grpc::Status& status);

// The last message of a stream: how it ended, and its trailing metadata.
std::string EndOfStreamJson(const grpc::Status& status,
                            const Metadata& trailing);

}  // namespace interlink::cli
