#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// Reads a file that a person has written, without its byte order mark.
//
// Errors: NOT_FOUND if there is none, INVALID_ARGUMENT if it is no file of text
// (a folder, an empty pipe, UTF-16, more than 1 MiB), UNAVAILABLE if it cannot
// be read. The messages name the path and what to do.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace interlink::daemon
