#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"

namespace interlink::daemon {

// The folder that the file `path` is in.
std::string FolderOf(const std::string& path);

// Whether files can be made in the folder `path`, or the folder itself in the
// nearest one above it that exists: tries it there, and leaves nothing behind.
// Errors: UNAVAILABLE with the path in the way, and why.
absl::Status CheckFolder(const std::string& path);

// Makes `path` and what is missing above it; `path` gets that mode if it is
// new. Errors: as CheckFolder().
absl::Status MakeFolder(const std::string& path, mode_t mode);

}  // namespace interlink::daemon
