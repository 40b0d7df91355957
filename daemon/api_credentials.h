#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/api_listener.h"

namespace interlink::daemon {

// Mutual TLS for the API over TCP: clients are verified against the CA of
// `files`. The files are read again when they change, so that a rotated
// certificate needs no restart.
//
// Errors: INVALID_ARGUMENT naming the file that cannot be used, and why.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ApiServerCredentials(
    const ApiTlsFiles& files);

}  // namespace interlink::daemon
