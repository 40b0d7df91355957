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
  // What `in` reads from; -1: none.
  int in_descriptor = -1;
  // What `out` writes to, whose reader may close it, as `head` does; -1: none.
  int out_descriptor = -1;
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
