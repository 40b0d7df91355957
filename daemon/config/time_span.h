#pragma once

#include <chrono>
#include <optional>
#include <string_view>

// Spans of time as people type them: one rule for both programs.
namespace interlink {

// A whole number of at most 7 digits and its unit: s, m, h, d or w, such as
// "30m" or "7d". nullopt for anything else.
std::optional<std::chrono::seconds> ParseTimeSpan(std::string_view text);

}  // namespace interlink
