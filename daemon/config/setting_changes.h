#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
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

// A door of the PBX that `started_with` opened goes on until a restart. Where
// `fresh` closes it, this gives `fresh` what `running` says of who may use it.
void KeepRulesOfDoors(const Config& started_with, const Config& running,
                      Config& fresh);

// INVALID_ARGUMENT if the configuration file sets nothing any more: it was
// probably read while somebody wrote it, or the disk was full.
absl::Status CheckFileIsWhole(const Config& running, const Config& fresh);

// What the administrator may not have meant to change.
std::vector<std::string> ReloadWarnings(const Config& running,
                                        const Config& fresh);

}  // namespace interlink::daemon
