#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "daemon/cli/show/when.h"

namespace interlink::cli {

// Where the program reads and writes; tests hand in strings.
//
// Threading: one thread. Lifetime: the streams must outlive it.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::function<Time()> now;
  // Reads from the terminal without showing it; nullopt: the user gave up.
  std::function<std::optional<std::string>()> read_secret;
  // Whether the reader of `out` has closed it, as `head` does.
  std::function<bool()> is_pipe_closed = [] { return false; };
  // Empty for a variable that is not set.
  std::function<std::string(const std::string& name)> environment;

  // On a terminal, unless NO_COLOR is set or the terminal is a dumb one.
  bool HasColour() const {
    return out_is_terminal && environment("NO_COLOR").empty() &&
           environment("TERM") != "dumb";
  }
};

// What the results look like.
enum class Output { kTable, kJson };

}  // namespace interlink::cli
