#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/doctor/findings.h"

namespace interlink::daemon {

// The settings that are in force, and how they are read again.
//
// Threading: loop only.
class RunningSettings {
 public:
  using Read = std::function<ConfigOrExit()>;

  RunningSettings(Config config, Read read);

  const Config& config() const { return config_; }

  // Reads the settings again, with the defaults that fit the doors that are
  // open now. Refuses them and returns nullopt if they are bad.
  std::optional<Config> ReadAgain();
  // What was read cannot be put in force: logs why, and failure() says it.
  void Refuse(const absl::Status& mistake);
  // Puts `fresh` in force and logs what it changes. `has_new_secret`: in the
  // file of --pbx-http-token. Ends a failure().
  void Adopt(Config fresh, bool has_new_secret);
  // Why the latest reload was refused, and what to do; empty if it was not.
  const std::string& failure() const { return failure_; }
  // Logs the warnings that were not there the time before.
  void Warn(std::vector<std::string> warnings);

  // What an operator should know of them, and of the file as it is now.
  void Examine(Findings& findings) const;

 private:
  struct Reading {
    std::optional<Config> config;  // None if there are mistakes.
    std::vector<std::string> mistakes;
    // They are mistakes beside the doors that are open, and none at a restart.
    bool may_restart = false;
  };
  Reading ReadOnce() const;
  void Refuse(const std::vector<std::string>& mistakes);

  Config config_;
  const Config started_with_;  // What listeners are made of.
  const Read read_;
  std::string failure_;
  std::vector<std::string> warnings_;
};

}  // namespace interlink::daemon
