#include "daemon/config/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/config/environment.h"
#include "daemon/config/help_format.h"
#include "daemon/config/likely_word.h"
#include "daemon/config/settings.h"
#include "daemon/config/settings_together.h"
#include "daemon/config/show_command_line.h"
#include "daemon/config/toml.h"
#include "daemon/config/usage_error.h"
#include "daemon/system/text_file.h"

namespace interlink::daemon {
namespace {

constexpr int kUsageError = 2;
constexpr const char* kConfigVariable = "INTERLINK_CONFIG";

using Given = std::map<std::string, GivenSetting, std::less<>>;

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

std::vector<std::string> SettingNames() {
  std::vector<std::string> names;
  for (const Setting& setting : Settings()) names.push_back(setting.name);
  return names;
}

// What was probably meant by a key of the file that is no setting.
std::string DidYouMean(std::string_view key) {
  while (key.starts_with('-')) key.remove_prefix(1);
  const std::string likely = LikelyWordOrPart(key, SettingNames());
  return likely.empty() ? "; a key is a flag without its dashes"
                        : AskIfMeant(likely);
}

// The elements of a list that was written with commas between them.
std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> elements;
  size_t begin = 0;
  for (size_t end = 0; end != list.npos; begin = end + 1) {
    end = list.find(',', begin);
    elements.push_back(list.substr(begin, end - begin));
  }
  return elements;
}

// The words of the command line.
struct CommandLine {
  CommandLine();

  CLI::App app{"The Interlink daemon: links this PBX account with others.",
               "interlinkd"};
  CLI::App* restore = nullptr;
  std::string file;
  bool print_config = false;
  bool check_config = false;
  std::string restore_from;
  bool restore_as_new = false;
};

// What holds for all settings.
std::string HelpEnd() {
  std::string at_reload;
  for (const Setting& setting : Settings()) {
    if (setting.taken_over != Setting::TakenOver::kAtReload) continue;
    at_reload += (at_reload.empty() ? "" : ", ") + setting.name;
  }
  return "A list, shown as VALUE,..., has commas between its values, or its "
         "flag is given again for each.\n\n"
         "SIGHUP (systemctl reload) reads the settings again, and takes over " +
         at_reload + ". The others wait for a restart.";
}

CommandLine::CommandLine() {
  app.formatter(std::make_shared<HelpFormat>());
  app.set_version_flag("--version", std::string(INTERLINK_VERSION));
  app.add_option("--config", file,
                 "The configuration file, TOML (Env:" +
                     std::string(kConfigVariable) + ")")
      ->option_text("FILE");
  for (const Setting& setting : Settings()) {
    const bool is_list = setting.kind == Setting::Kind::kList;
    // As plain words: in what it knows to be a list, CLI11 takes the brackets
    // off [::1].
    const auto keep_words = [](const CLI::results_t&) { return true; };
    const std::string standard = setting.DefaultInWords();
    app.add_option("--" + setting.name, keep_words,
                   setting.description +
                       (standard.empty() ? "" : ". Default: " + standard) +
                       " (Env:" + VariableOf(setting.name) + ")")
        ->option_text(setting.value + (is_list ? ",..." : ""))
        ->multi_option_policy(is_list ? CLI::MultiOptionPolicy::TakeAll
                                      : CLI::MultiOptionPolicy::Throw);
  }
  app.add_flag("--print-config", print_config,
               "Print the settings in force and exit");
  app.add_flag("--check-config", check_config,
               "Check everything that the start needs, and exit");
  restore = app.add_subcommand(
      "restore",
      "Put a backup in the data directory, which must hold no store, and exit. "
      "Keys that were pending in it are void; links stay");
  restore
      ->add_option("--from", restore_from,
                   "The directory that `interlinkctl backup` made; it stays "
                   "as it is")
      ->required()
      ->option_text("DIR");
  restore->group(kVerbs);
  restore->add_flag("--as-new", restore_as_new,
                    "Make another account of it: a new identity, the same "
                    "numbers, no interlinks");
  app.footer(HelpEnd());
  app.fallthrough();
  restore->fallthrough();
}

void TakeFlags(const CommandLine& line, Given& given) {
  for (const Setting& setting : Settings()) {
    const CLI::Option& flag = *line.app.get_option("--" + setting.name);
    if (flag.empty()) continue;
    GivenSetting& found = given[setting.name];
    found.origin = "--" + setting.name;
    for (const std::string& value : flag.results()) {
      if (setting.kind == Setting::Kind::kList) {
        for (std::string& part : Split(value)) {
          found.values.push_back(std::move(part));
        }
      } else {
        found.values.push_back(value);
      }
    }
  }
}

void TakeVariables(Given& given) {
  for (const Setting& setting : Settings()) {
    const std::string name = VariableOf(setting.name);
    const char* value = std::getenv(name.c_str());
    // An empty one is one that was not set.
    if (value == nullptr || *value == '\0') continue;
    given.try_emplace(setting.name,
                      GivenSetting{setting.kind == Setting::Kind::kList
                                       ? Split(value)
                                       : std::vector<std::string>{value},
                                   name});
  }
}

// What the file gives for `setting`, if it is of the kind that it needs.
absl::StatusOr<std::vector<std::string>> ValuesOf(const Setting& setting,
                                                  const TomlSetting& line) {
  const bool is_list = setting.kind == Setting::Kind::kList;
  if (line.is_array && !is_list) {
    return absl::InvalidArgumentError("it has one value, not an array");
  }
  std::vector<std::string> values;
  for (const TomlValue& value : line.values) {
    if (!value.is_quoted && setting.kind != Setting::Kind::kNumber) {
      return absl::InvalidArgumentError("it is text, and stands in quotes: \"" +
                                        value.text + "\"");
    }
    if (!is_list) return std::vector<std::string>{value.text};
    for (std::string& part : Split(value.text)) {
      values.push_back(std::move(part));
    }
  }
  return values;
}

void TakeFile(const std::string& path, Config& config, Mistakes& mistakes) {
  config.file = path;
  const auto text = ReadTextFile(path);
  if (!text.ok()) {
    mistakes.Add("the configuration file: " + Message(text.status()));
    return;
  }
  const std::string file = "the configuration file " + path + ", ";
  const TomlFile read = ParseToml(*text);
  for (const std::string& mistake : read.mistakes) mistakes.Add(file + mistake);
  for (const TomlSetting& line : read.settings) {
    const std::string at = file + "line " + std::to_string(line.line) + ", ";
    const auto setting = std::find_if(
        Settings().begin(), Settings().end(),
        [&](const Setting& known) { return known.name == line.key; });
    if (setting == Settings().end()) {
      mistakes.Add(at + "\"" + line.key + "\" is no setting" +
                   DidYouMean(line.key));
      continue;
    }
    ++config.set_by_file;
    auto values = ValuesOf(*setting, line);
    if (!values.ok()) {
      mistakes.Add(at + line.key + ": " + Message(values.status()));
      continue;
    }
    config.given.try_emplace(line.key,
                             GivenSetting{*std::move(values), at + line.key});
  }
}

// A variable that was meant for a setting: the account would run without it.
void CheckVariables(Config& config, Mistakes& mistakes) {
  std::vector<std::string> known = {kConfigVariable};
#ifdef INTERLINK_FAILPOINTS
  known.push_back("INTERLINK_FAILPOINT");  // store/failpoint.h
#endif
  for (const Setting& setting : Settings()) {
    known.push_back(VariableOf(setting.name));
  }
  for (const UnknownVariable& unknown : UnknownVariables(known)) {
    if (!unknown.resembled.empty()) {
      mistakes.Add("the variable " + unknown.name + " is no setting; " +
                   unknown.resembled + " is");
    } else {
      config.unknown_variables.push_back(unknown.name);
    }
  }
}

// What is wrong with each value of a list, or with all of them together.
Mistakes Take(const Setting& setting, const Setting::Values& values,
              Config& config) {
  Mistakes mistakes;
  const auto status = setting.take(values, config);
  if (status.ok()) return mistakes;
  if (values.size() > 1) {
    for (const std::string& value : values) {
      mistakes.Add(config.Of(setting.name, setting.take({value}, config)));
    }
  }
  if (mistakes.empty()) mistakes.Add(config.Of(setting.name, status));
  return mistakes;
}

void TakeAll(Config& config, Mistakes& mistakes) {
  for (const Setting& setting : Settings()) {
    const bool is_given = config.given.contains(setting.name);
    const auto values = setting.ValuesIn(config);
    const bool is_list = setting.kind == Setting::Kind::kList;
    if (values.empty() && !is_list) continue;
    const Mistakes found = Take(setting, values, config);
    // A default that is derived from a wrong setting may be wrong for that.
    if (is_given || mistakes.empty()) mistakes.Add(found);
  }
  // A setting that seems to be missing may be one of the mistakes.
  if (mistakes.empty()) mistakes.Add(CheckTogether(config));
}

// What can be checked beside mistakes: the given settings that are good. No
// path or address gets its default, because a mistake may be a misspelt setting
// that was to replace it.
Config KnownOf(const Config& config) {
  Config known;
  known.federation_listen.clear();
  known.http_listen.clear();
  known.given = config.given;
  known.unknown_variables = config.unknown_variables;
  for (const Setting& setting : Settings()) {
    const auto given = config.given.find(setting.name);
    if (given == config.given.end()) continue;
    Config with = known;
    if (setting.take(given->second.values, with).ok()) known = std::move(with);
  }
  return known;
}

// Every setting in force, as a file for --config.
std::string AsToml(const Config& config) {
  std::string toml;
  for (const Setting& setting : Settings()) {
    const auto values = setting.ValuesIn(config);
    if (values.empty() && !config.given.contains(setting.name)) continue;
    std::string text;
    for (const std::string& value : values) {
      const bool is_integer =
          setting.kind == Setting::Kind::kNumber &&
          value.find_first_not_of("0123456789") == value.npos;
      text += text.empty() ? "" : ", ";
      text += is_integer ? value : TomlString(value);
    }
    if (setting.kind == Setting::Kind::kList) text = "[" + text + "]";
    toml += "# " + setting.description + ".\n" + setting.name + " = " + text +
            "\n\n";
  }
  return toml;
}

Config ConfigFrom(const CommandLine& line, Mistakes& mistakes) {
  Config config;
  CheckVariables(config, mistakes);
  TakeFlags(line, config.given);
  TakeVariables(config.given);
  std::string file = line.file;
  if (const char* named = std::getenv(kConfigVariable);
      file.empty() && named != nullptr) {
    file = named;
  }
  if (!file.empty()) TakeFile(file, config, mistakes);
  TakeAll(config, mistakes);
  config.as_toml = AsToml(config);
  if (line.print_config) config.action = Config::Action::kPrintConfig;
  if (line.check_config) config.action = Config::Action::kCheckConfig;
  if (line.restore->parsed()) config.action = Config::Action::kRestore;
  config.restore_from = line.restore_from;
  config.restore_as_new = line.restore_as_new;
  return config;
}

}  // namespace

std::string Config::OriginOf(std::string_view setting) const {
  const auto found = given.find(setting);
  return found != given.end() ? found->second.origin
                              : "--" + std::string(setting);
}

absl::Status Config::Of(std::string_view setting,
                        const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      OriginOf(setting) + ": " + std::string(status.message()));
}

bool Config::HasPbxDoor() const {
  return pbx_doors_stand.value_or(!(sip_listen + pbx_http_listen).empty());
}

std::string Config::UsualCallAdmission() const {
  return HasPbxDoor() ? "token" : "open";
}

void Config::KeepDoorsOf(const Config& running) {
  pbx_doors_stand = running.HasPbxDoor();
  if (!given.contains("call-admission")) call_admission = UsualCallAdmission();
}

ConfigOrExit ReadConfig(int argc, const char* const* argv) {
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream out;
      line.app.exit(error, out, out);
      return {std::nullopt, out.str(), 0};
    }
    return {std::nullopt,
            "interlinkd: " + UsageErrorInWords(line.app, error) +
                "\nRun with --help for more information.\n",
            kUsageError};
  }
  Mistakes mistakes;
  Config config = ConfigFrom(line, mistakes);
  if (mistakes.empty()) return {std::move(config), "", 0};
  if (config.action == Config::Action::kCheckConfig) {
    Config known = KnownOf(config);
    known.action = config.action;
    known.mistakes = std::move(mistakes);
    return {std::move(known), "", 0};
  }
  return {std::nullopt, mistakes.ToText(), kUsageError, std::move(mistakes)};
}

void ShowCommandLine(const std::function<void(const CLI::App& app)>& reader) {
  const CommandLine line;
  reader(line.app);
}

}  // namespace interlink::daemon
