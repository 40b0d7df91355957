#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace interlink::daemon {

// One line of a configuration file.
struct TomlSetting {
  int line = 0;
  std::string key;
  std::vector<std::string> values;  // One, but for an array.
};

// Reads the part of TOML that settings need: `key = value`, where a value is a
// string on one line, an integer, true or false, or an array of these; and
// comments. Sections and keys given twice are refused.
//
// Errors: INVALID_ARGUMENT with the line and what is wrong with it.
absl::StatusOr<std::vector<TomlSetting>> ParseToml(std::string_view text);

// `text` as a TOML string, which ParseToml() reads back.
std::string TomlString(std::string_view text);

}  // namespace interlink::daemon
