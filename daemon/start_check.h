#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"

namespace interlink::daemon {

// Whether all that a start needs outside its store is as it must be: the data
// directory, certificates, sockets, ports and the ready file. Leaves nothing
// behind. What a daemon that runs now has taken is no error, since it may be
// this one.
//
// Errors: the message begins with where the setting was given.
absl::Status CheckStart(const Config& config);

// What a start would warn of: federation::ReachWarnings(), with the addresses
// that it would tell.
std::vector<std::string> StartWarnings(const Config& config);

}  // namespace interlink::daemon
