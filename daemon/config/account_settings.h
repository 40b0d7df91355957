#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "federation/base/settings.h"

namespace interlink::daemon {

// The account's part of the configuration. `addresses` are those that peers are
// told.
federation::AccountSettings SettingsFrom(const Config& config,
                                         std::vector<std::string> addresses);

}  // namespace interlink::daemon
