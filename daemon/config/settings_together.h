#pragma once

#include "daemon/config/config.h"
#include "daemon/config/mistakes.h"

namespace interlink::daemon {

// What is wrong with what the settings say about one another.
Mistakes CheckTogether(const Config& config);

}  // namespace interlink::daemon
