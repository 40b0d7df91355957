#pragma once

#include <string>

#include "grpcpp/security/credentials.h"
#include "grpcpp/support/status.h"

namespace interlink::cli {

// Reads the files of --cert, --key and --ca for gRPC, and checks them: gRPC
// would take broken ones without a word, and then every call would fail.
//
// Errors: INVALID_ARGUMENT, with the option and what is wrong with its file.
grpc::Status ReadTlsFiles(const std::string& certificate,
                          const std::string& key, const std::string& ca,
                          grpc::SslCredentialsOptions* options);

}  // namespace interlink::cli
