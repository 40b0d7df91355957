#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlink::daemon {

struct TomlValue {
  std::string text;
  bool is_quoted = false;  // A string; else an integer, true or false.
  bool operator==(const TomlValue&) const = default;
};

// One line of a configuration file.
struct TomlSetting {
  int line = 0;
  std::string key;
  bool is_array = false;
  std::vector<TomlValue> values;  // One, but for an array.
};

struct TomlFile {
  std::vector<TomlSetting> settings;
  // What is wrong with a line: "line 3: a setting is KEY = VALUE", or "line 4,
  // contact: the string does not end in its line".
  std::vector<std::string> mistakes;
};

// Reads the part of TOML that settings need: `key = value`, where a value is a
// string on one line, an integer, true or false, or an array of these; and
// comments. Sections, keys given twice and text that is not UTF-8 are mistakes.
//
// After a mistake the next line is read; after one inside an array, the line
// after its ], or the next one that begins with `key =`. Twenty mistakes end
// the reading, and another one says so.
TomlFile ParseToml(std::string_view text);

// `text` as a TOML string, which ParseToml() reads back.
std::string TomlString(std::string_view text);

}  // namespace interlink::daemon
