#pragma once

#include <string>

#include "grpcpp/security/credentials.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// The files of --cert, --key and --ca, read for gRPC, which takes broken ones
// without a word and then finds no way to any daemon.
//
// Errors: INVALID_ARGUMENT, with the option and what is wrong with its file.
grpc::Status ReadTlsFiles(const std::string& certificate,
                          const std::string& key, const std::string& ca,
                          grpc::SslCredentialsOptions* options);

}  // namespace interlink::cli
