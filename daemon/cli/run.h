#pragma once

#include <string>
#include <vector>

#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/show/console.h"

namespace interlink::cli {

// interlinkctl: does what the words after the program's name ask for.
ExitCode Run(const std::vector<std::string>& words, Console& console);

}  // namespace interlink::cli
