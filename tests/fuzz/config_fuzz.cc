// The configuration: arguments, one a line, up to an empty line; then the file.

#include <cstdlib>

#include "daemon/config/account_settings.h"
#include "daemon/config/config.h"
#include "daemon/config/toml.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

void ReadToml(std::string_view text) {
  const auto settings = daemon::ParseToml(text).settings;
  std::string again;
  for (const auto& setting : settings) {
    again += setting.key + " = [";
    for (const daemon::TomlValue& value : setting.values) {
      again += (value.is_quoted ? daemon::TomlString(value.text) : value.text) +
               ", ";
    }
    again += "]\n";
  }
  const auto same = daemon::ParseToml(again);
  Require(same.mistakes.empty() && same.settings.size() == settings.size(),
          "settings read back as they are written");
  for (size_t i = 0; i < settings.size(); ++i) {
    Require(same.settings[i].key == settings[i].key &&
                same.settings[i].values == settings[i].values,
            "settings read back as they are written");
  }
}

daemon::ConfigOrExit Read(const std::vector<std::string>& arguments,
                          std::string_view file_text) {
  static MemoryFile file;
  file.Write(file_text);
  const std::string path = file.path();
  std::vector<const char*> argv = {"interlinkd", "--config", path.c_str()};
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  return daemon::ReadConfig(static_cast<int>(argv.size()), argv.data());
}

// Other files than the one given are no concern of this target.
bool NamesFile(const std::string& argument) {
  return argument.find("config") != std::string::npos;
}

const Registration kConfigTarget("config", [](std::string_view input) {
  std::vector<std::string> arguments;
  while (!input.empty()) {
    const size_t end = std::min(input.find('\n'), input.size());
    const std::string argument(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    if (argument.empty()) break;
    if (!NamesFile(argument)) arguments.push_back(argument);
  }
  ReadToml(input);
  const auto read = Read(arguments, input);
  if (!read.config) return;
  const auto settings = daemon::SettingsFrom(*read.config, {"a.test:7443"});
  Require(!settings.contact.empty(), "there is a contact");
  Require(read.config->advertise.size() <= 4,
          "at most four addresses are advertised");
  const auto again = Read({}, read.config->as_toml);
  if (!again.config) std::cerr << again.text;
  Require(again.config.has_value(), "printed settings are settings");
  if (again.config->as_toml != read.config->as_toml) {
    std::cerr << read.config->as_toml << again.config->as_toml;
  }
  Require(again.config->as_toml == read.config->as_toml,
          "printed settings are these settings");
});

}  // namespace
}  // namespace interlink::fuzz
