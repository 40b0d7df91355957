#pragma once

#include <string>

#include "daemon/manual/command_tree.h"

namespace interlink::manual {

// The branches of the two case statements that the completions of bash and zsh
// have in common. Both shells read the same text.
struct ShellCases {
  // For each word of a line: the place that a verb leads to.
  std::string places;
  // For the word before the one that is completed: what the value of an option
  // may be, as choices=(...), files=yes or a return.
  std::string values;
};

ShellCases CasesOf(const Command& program);

}  // namespace interlink::manual
