#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command_line.h"

namespace interlink::cli {

// Adds the verbs about where calls go, and which are let in.
void AddCallVerbs(CLI::App& app, CommandLine& line);

}  // namespace interlink::cli
