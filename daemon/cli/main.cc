#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/cli/console.h"
#include "daemon/cli/run.h"

int main(int argc, char** argv) {
  using interlink::cli::ExitCode;
  // `interlinkctl list | head` shall end with an error, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  // gRPC would write its own log lines between ours.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  interlink::cli::Console console{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .out_is_terminal = isatty(STDOUT_FILENO) == 1,
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .now = [] { return std::chrono::system_clock::now(); },
      .environment =
          [](const std::string& name) {
            const char* value = std::getenv(name.c_str());
            return std::string(value == nullptr ? "" : value);
          }};
  try {
    return static_cast<int>(interlink::cli::Run(
        std::vector<std::string>(argv + 1, argv + argc), console));
  } catch (const std::exception& error) {  // Of a library.
    std::cerr << "interlinkctl: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kInternal);
  }
}
