#pragma once

#include <string>

#include "daemon/manual/command_tree.h"

// What a shell offers while the words of a program are typed: verbs, options of
// the verb so far and of the program, and choices or files as values.
namespace interlink::manual {

// A file for bash's completions/NAME, zsh's site-functions/_NAME and fish's
// completions/NAME.fish.
std::string BashCompletion(const Command& program);
std::string ZshCompletion(const Command& program);
std::string FishCompletion(const Command& program);

}  // namespace interlink::manual
