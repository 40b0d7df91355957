#include "daemon/config/setting_changes.h"

#include "daemon/config/settings.h"

namespace interlink::daemon {
namespace {

// What is in force for `setting`, as it would be written.
std::string ValueOf(const Setting& setting, const Config& config) {
  const auto given = config.given.find(setting.name);
  std::string text;
  for (const std::string& value : given != config.given.end()
                                      ? given->second.values
                                      : setting.fallback(config)) {
    text += (text.empty() ? "" : ",") + value;
  }
  return text;
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
                        "\" stays in force until a restart");
  }
  return sentences;
}

}  // namespace interlink::daemon
