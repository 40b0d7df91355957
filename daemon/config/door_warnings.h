#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace interlink::daemon {

// Where the settings of the PBX's doors may let in, or keep out, somebody whom
// the administrator does not mean. Each warning is a sentence that names the
// setting to change. Looks at the file of --pbx-http-token, too.
std::vector<std::string> DoorWarnings(const Config& config);

}  // namespace interlink::daemon
