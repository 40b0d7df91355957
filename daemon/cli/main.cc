#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/cli/run.h"
#include "daemon/cli/show/console.h"
#include "daemon/cli/show/terminal.h"
#include "daemon/system/process.h"

namespace {

// Every user of the machine can read the arguments of a running program.
void HideKeys(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strstr(argv[i], "ilk1_") == nullptr) continue;
    std::memset(argv[i], 'x', std::strlen(argv[i]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  using interlink::cli::ExitCode;
  // Run() notices a closed pipe after the call. A signal would end the program
  // in the middle of it.
  interlink::TakeSignalsAsErrors();
  interlink::KeepOpensslUntilExit();
  const std::vector<std::string> words(argv + 1, argv + argc);
  HideKeys(argc, argv);
  // gRPC would write its own log lines between ours.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  interlink::cli::Console console{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = isatty(STDIN_FILENO) == 1,
      .out_is_terminal = isatty(STDOUT_FILENO) == 1,
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .now = [] { return std::chrono::system_clock::now(); },
      .read_secret = [] { return interlink::cli::ReadSecret(STDIN_FILENO); },
      .in_descriptor = STDIN_FILENO,
      .out_descriptor = STDOUT_FILENO,
      .environment =
          [](const std::string& name) {
            const char* value = std::getenv(name.c_str());
            return std::string(value == nullptr ? "" : value);
          }};
  try {
    return static_cast<int>(interlink::cli::Run(words, console));
  } catch (const std::exception& error) {  // Of a library.
    std::cerr << "interlinkctl: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kInternal);
  }
}
