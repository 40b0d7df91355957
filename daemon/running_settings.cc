#include "daemon/running_settings.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/setting_changes.h"
#include "daemon/config/settings_together.h"

namespace interlink::daemon {

RunningSettings::RunningSettings(Config config, Read read)
    : config_(std::move(config)),
      started_with_(config_),
      read_(std::move(read)) {}

RunningSettings::Reading RunningSettings::ReadOnce() const {
  Reading reading;
  ConfigOrExit read = read_();
  const char* beside = "";
  if (read.config) {
    read.mistakes.Add(CheckFileIsWhole(config_, *read.config));
  }
  if (read.config && read.mistakes.empty()) {
    beside = " beside the PBX's doors, which stand until a restart";
    reading.may_restart = true;
    read.config->KeepDoorsOf(started_with_);
    read.mistakes.Add(CheckTogether(*read.config));
    KeepRulesOfDoors(started_with_, config_, *read.config);
  }
  for (const std::string& mistake : read.mistakes.sentences()) {
    reading.mistakes.push_back(
        absl::StrCat("the new settings are bad", beside, ": ", mistake));
  }
  if (reading.mistakes.empty()) reading.config = std::move(read.config);
  return reading;
}

std::optional<Config> RunningSettings::ReadAgain() {
  Reading reading = ReadOnce();
  if (!reading.config) Refuse(reading.mistakes);
  return std::move(reading.config);
}

void RunningSettings::Refuse(const absl::Status& mistake) {
  Refuse(std::vector{absl::StrCat("the new settings are bad: ",
                                  std::string(mistake.message()))});
}

void RunningSettings::Refuse(const std::vector<std::string>& mistakes) {
  for (const std::string& mistake : mistakes) spdlog::error("{}", mistake);
  spdlog::error("the settings stay as they were");
  failure_ = absl::StrCat(
      "the latest reload was refused, so the daemon runs with the settings that"
      " it had before: ",
      mistakes.front());
  if (mistakes.size() > 1) {
    absl::StrAppend(&failure_, ", and ", mistakes.size() - 1, " more");
  }
  failure_ +=
      "; `interlinkctl doctor` says all that is wrong with them: mend it, and "
      "reload the daemon again";
}

void RunningSettings::Adopt(Config fresh, bool has_new_secret) {
  std::string changed = ChangedSettings(config_, fresh);
  if (has_new_secret && config_.pbx_http_token == fresh.pbx_http_token) {
    changed += changed.empty() ? "" : ", ";
    changed += "the secret in --pbx-http-token";
  }
  const auto warnings = ReloadWarnings(config_, fresh);
  config_ = std::move(fresh);
  failure_.clear();
  spdlog::info("settings read again; {}",
               changed.empty() ? "none has changed" : "changed: " + changed);
  for (const std::string& warning : warnings) spdlog::warn("{}", warning);
  for (const std::string& setting : WaitingForRestart(started_with_, config_)) {
    spdlog::warn("{}", setting);
  }
}

void RunningSettings::Warn(std::vector<std::string> warnings) {
  for (const std::string& warning : warnings) {
    if (std::find(warnings_.begin(), warnings_.end(), warning) ==
        warnings_.end()) {
      spdlog::warn("{}", warning);
    }
  }
  warnings_ = std::move(warnings);
}

void RunningSettings::Examine(Findings& findings) const {
  const Reading reading = ReadOnce();
  for (const std::string& mistake : reading.mistakes) {
    if (reading.may_restart) {
      findings.Warning("settings", mistake + "; restart the daemon");
    } else {
      findings.Fault("settings", mistake + "; no reload takes them over");
    }
  }
  std::vector<std::string> warnings;
  if (reading.config && !failure_.empty()) {
    warnings.emplace_back(
        "they are good now, but the latest reload was refused; reload the "
        "daemon again");
  }
  if (reading.config) {
    const std::string changed = ChangedSettings(config_, *reading.config);
    const bool may_reload = WaitingForRestart(config_, *reading.config).empty();
    if (!changed.empty()) {
      warnings.push_back("changed since they were read: " + changed +
                         (may_reload ? "; reload" : "; restart") +
                         " the daemon to put them in force");
    }
  }
  const auto waiting = WaitingForRestart(started_with_, config_);
  warnings.insert(warnings.end(), waiting.begin(), waiting.end());
  warnings.insert(warnings.end(), warnings_.begin(), warnings_.end());
  for (std::string& warning : warnings) {
    findings.Warning("settings", std::move(warning));
  }
  if (reading.mistakes.empty() && warnings.empty()) {
    findings.Ok("settings", "in force as they are set");
  }
}

}  // namespace interlink::daemon
