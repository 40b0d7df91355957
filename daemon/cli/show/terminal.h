#pragma once

#include <optional>
#include <string>

namespace interlink::cli {

// Reads text that is typed or pasted at `terminal`, a descriptor, without
// showing it. Enter ends it, unless more follows at once: a key that mail has
// wrapped is pasted as several lines. nullopt if the user gives up (Ctrl-C, or
// Ctrl-D before any text), or if it is no terminal.
std::optional<std::string> ReadSecret(int terminal);

// Whether `descriptor` is a pipe or socket that nobody reads any more.
bool IsPipeClosed(int descriptor);

}  // namespace interlink::cli
