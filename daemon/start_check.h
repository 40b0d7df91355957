#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/mistakes.h"

namespace interlink::daemon {

// Everything that a start needs outside its store and that is not as it must
// be: the data directory, certificates, the token, sockets, ports and the ready
// file. Each mistake begins with where the setting was given; a setting without
// a value is passed over. Leaves nothing behind. What a daemon that runs now
// has taken is no mistake, since it may be this one.
Mistakes CheckStart(const Config& config);

// What a start would warn of: federation::ReachWarnings(), with the addresses
// that it would tell, and DoorWarnings(). Also which ports are in use now.
std::vector<std::string> StartWarnings(const Config& config);

}  // namespace interlink::daemon
