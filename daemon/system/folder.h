#pragma once

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"

namespace interlink::daemon {

// The folder that the file `path` is in.
std::string FolderOf(const std::string& path);

// Checks that files can be made in the folder `path` or, if it does not exist,
// in the nearest folder above it that does. Tries it, and leaves nothing
// behind. Errors: UNAVAILABLE with the path in the way, and why.
absl::Status CheckFolder(const std::string& path);

// Makes the folder `path` and the missing ones above it, with this mode.
// Errors: as CheckFolder().
absl::Status MakeFolder(const std::string& path, mode_t mode);

}  // namespace interlink::daemon
