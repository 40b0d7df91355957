#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"

namespace interlink::daemon {

// A setting, and every rule about its text.
struct Setting {
  using Values = std::vector<std::string>;

  enum class Kind {
    kText,    // In quotes in the file.
    kNumber,  // An integer in the file, or in quotes with its unit.
    kList,    // An array of strings in the file; else with commas between.
  };
  enum class TakenOver { kAtReload, kAtStart };

  std::string name;  // "data-dir": the flag without its dashes.
  std::string description;
  Kind kind = Kind::kText;
  TakenOver taken_over = TakenOver::kAtStart;
  // Takes over what was given: one value, unless it is a list. Errors:
  // INVALID_ARGUMENT with the refused value, and what is allowed.
  std::function<absl::Status(const Values&, Config&)> take;
  // What holds if nothing is given; may depend on the settings before it. None:
  // the setting is off.
  std::function<Values(const Config&)> fallback;
};

// All of them, in the order of --help and --print-config.
const std::vector<Setting>& Settings();

}  // namespace interlink::daemon
