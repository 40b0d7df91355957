#pragma once

#include <chrono>
#include <functional>
#include <ios>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/run.h"

namespace interlink::cli {

// interlinkctl in this process, with strings for its streams.
class Ctl {
 public:
  explicit Ctl(std::string socket) {
    environment["INTERLINK_API_SOCKET"] = std::move(socket);
  }

  ExitCode Run(const std::vector<std::string>& words) {
    std::istringstream in(input);
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    if (out_is_full) out_stream.setstate(std::ios::badbit);
    Console console{.in = in,
                    .out = out_stream,
                    .err = err_stream,
                    .in_is_terminal = in_is_terminal,
                    .out_is_terminal = out_is_terminal,
                    .err_is_terminal = err_is_terminal,
                    .now =
                        [this] {
                          on_now();
                          return Time(std::chrono::seconds(kNow));
                        },
                    .read_secret = [this] { return secret; },
                    .environment =
                        [this](const std::string& name) {
                          const auto found = environment.find(name);
                          return found == environment.end() ? ""
                                                            : found->second;
                        }};
    const ExitCode code = cli::Run(words, console);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }

  static constexpr int64_t kNow = 1'800'000'000;

  std::map<std::string, std::string> environment;
  std::string input;
  std::function<void()> on_now = [] {};  // Whenever the time is asked for.
  bool out_is_full = false;
  bool in_is_terminal = false;
  std::optional<std::string> secret;  // Typed at the terminal.
  bool out_is_terminal = false;
  bool err_is_terminal = false;

  std::string out;  // Of the latest Run().
  std::string err;
};

}  // namespace interlink::cli
