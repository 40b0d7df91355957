#pragma once

#include <functional>
#include <string>
#include <string_view>
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

  std::string name;   // "data-dir": the flag without its dashes.
  std::string value;  // "DIR": what --help calls a value, or each of a list.
  std::string description;
  Kind kind = Kind::kText;
  TakenOver taken_over = TakenOver::kAtStart;
  // The setting without which this one means nothing, such as "sip-listen" for
  // "sip-allow"; else empty.
  std::string door = {};
  // If the default is more than the values that `fallback` gives here.
  std::string default_in_words = {};
  // Takes over what was given: one value, unless it is a list. Errors:
  // INVALID_ARGUMENT with the refused value, and what is allowed.
  std::function<absl::Status(const Values&, Config&)> take;
  // What holds if nothing is given; may depend on the settings before it. None:
  // the setting is off.
  std::function<Values(const Config&)> fallback;

  // What holds in `config`, as it is written.
  Values ValuesIn(const Config& config) const;
  // "0.0.0.0:7443"; empty if there is no default.
  std::string DefaultInWords() const;
};

// All of them, in the order of --help and --print-config.
const std::vector<Setting>& Settings();

// Whether the setting of this name has a value in `config`.
bool IsSet(std::string_view name, const Config& config);

}  // namespace interlink::daemon
