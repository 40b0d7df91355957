#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/api/endpoint.h"
#include "daemon/cli/api/exit_code.h"
#include "daemon/cli/show/console.h"
#include "daemon/cli/verbs/verbs.h"

namespace CLI {
class App;
}

namespace interlink::cli {

// What the user typed, understood.
struct CommandLine {
  Endpoint endpoint;
  Output output = Output::kTable;
  bool is_verbose = false;
  std::optional<std::chrono::seconds> timeout;
  Verb verb = nullptr;
  Arguments arguments;
};

// Reads the words after the program's name. Returns the exit code if nothing is
// left to do: kDone after --help or --version, kUsage after printing what is
// wrong.
std::optional<ExitCode> ParseCommandLine(const std::vector<std::string>& words,
                                         const Console& console,
                                         CommandLine* line);

// Shows `reader` every verb and option, for what is made of them: the manual,
// and what a shell completes.
void ShowCommandLine(const std::function<void(const CLI::App& app)>& reader);

}  // namespace interlink::cli
