#pragma once

#include <string>

#include "absl/status/status.h"

// The contents of PEM files: one rule for both programs. gRPC takes broken ones
// without a word, and then every handshake fails.
//
// Errors: INVALID_ARGUMENT; the message goes on after the name of a file, such
// as "holds no certificate in PEM".
namespace interlink {

// Checks that `pem` holds a certificate, and that none of its certificates is
// damaged.
absl::Status CheckCertificates(const std::string& pem);

// Checks that `pem` is a private key without a password.
absl::Status CheckKey(const std::string& pem);

// Whether `key` is that of the first one of `certificates`; false also if one
// of the two cannot be read.
bool IsPair(const std::string& certificates, const std::string& key);

}  // namespace interlink
