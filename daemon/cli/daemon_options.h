#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command_line.h"

namespace interlink::cli {

// Adds the verbs about the daemon itself, and the one that serves the page.
void AddDaemonVerbs(CLI::App& app, CommandLine& line);

}  // namespace interlink::cli
