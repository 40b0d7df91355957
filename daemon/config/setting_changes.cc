#include "daemon/config/setting_changes.h"

#include "daemon/config/settings.h"

namespace interlink::daemon {
namespace {

// What is in force for `setting`, as it would be written.
std::string ValueOf(const Setting& setting, const Config& config) {
  std::string text;
  for (const std::string& value : setting.ValuesIn(config)) {
    text += (text.empty() ? "" : ",") + value;
  }
  return text;
}

bool IsOfDoor(const Setting& setting, const std::string& door) {
  return setting.door == door &&
         setting.taken_over == Setting::TakenOver::kAtReload;
}

// What goes on with a door that the new settings close; empty if it is no door.
std::string RulesInWords(const Setting& door) {
  std::string names;
  for (const Setting& setting : Settings()) {
    if (!IsOfDoor(setting, door.name)) continue;
    names += (names.empty() ? "" : ", ") + setting.name;
  }
  return names.empty() ? "" : ", with " + names + " as before";
}

}  // namespace

std::string ChangedSettings(const Config& before, const Config& fresh) {
  std::string names;
  for (const Setting& setting : Settings()) {
    if (ValueOf(setting, before) == ValueOf(setting, fresh)) continue;
    names += (names.empty() ? "" : ", ") + setting.name;
  }
  return names;
}

std::vector<std::string> WaitingForRestart(const Config& running,
                                           const Config& fresh) {
  std::vector<std::string> sentences;
  for (const Setting& setting : Settings()) {
    if (setting.taken_over == Setting::TakenOver::kAtReload) continue;
    const std::string before = ValueOf(setting, running);
    const std::string now = ValueOf(setting, fresh);
    if (before == now) continue;
    sentences.push_back(setting.name + " is \"" + now +
                        "\" in the new settings; \"" + before +
                        "\" stays in force until a restart" +
                        (now.empty() ? RulesInWords(setting) : ""));
  }
  return sentences;
}

void KeepRulesOfDoors(const Config& started_with, const Config& running,
                      Config& fresh) {
  for (const Setting& setting : Settings()) {
    const std::string& door = setting.door;
    if (!IsOfDoor(setting, door) || !IsSet(door, started_with) ||
        IsSet(door, fresh)) {
      continue;
    }
    const auto values = setting.ValuesIn(running);
    fresh.given[setting.name] = {values, running.OriginOf(setting.name)};
    // They were good when `running` was read.
    if (!values.empty()) setting.take(values, fresh).IgnoreError();
  }
}

absl::Status CheckFileIsWhole(const Config& running, const Config& fresh) {
  if (fresh.file != running.file || fresh.set_by_file > 0 ||
      running.set_by_file == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the configuration file " + fresh.file + " sets nothing, but set " +
      std::to_string(running.set_by_file) +
      (running.set_by_file == 1 ? " setting" : " settings") +
      " before; if it is not empty by mistake, restart the daemon");
}

std::vector<std::string> ReloadWarnings(const Config& running,
                                        const Config& fresh) {
  std::vector<std::string> warnings;
  if (!running.pbx_http_token.empty() && fresh.pbx_http_token.empty()) {
    warnings.push_back(
        "--pbx-http-token is gone: whoever --pbx-http-allow and "
        "--phonebook-allow name may ask at --pbx-http-listen without a secret "
        "from now on");
  }
  return warnings;
}

}  // namespace interlink::daemon
