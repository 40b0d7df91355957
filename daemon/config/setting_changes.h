#pragma once

#include <string>
#include <vector>

#include "daemon/config/config.h"

// What another reading of the settings has brought.
namespace interlink::daemon {

// The names of the settings that differ between the two, with commas between
// them; empty if none does.
std::string ChangedSettings(const Config& before, const Config& fresh);

// A sentence for each setting that differs between the two and is taken over by
// a restart only.
std::vector<std::string> WaitingForRestart(const Config& running,
                                           const Config& fresh);

}  // namespace interlink::daemon
