#pragma once

#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/manual/command_tree.h"

// Manual pages in the macros of man(7).
namespace interlink::manual {

std::string ProgramPage(const Command& interlinkctl,
                        const std::string& version);
std::string DaemonPage(const Command& interlinkd, const std::string& version);
std::string SettingsPage(const std::vector<daemon::Setting>& settings,
                         const std::string& version);

}  // namespace interlink::manual
