#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/config/settings.h"

// What settings have in common, for the list in settings.cc. `value` is what
// --help calls a value, `field` where it is kept.
namespace interlink::daemon::kind {

// A text that `check` may write anew.
Setting Text(std::string name, std::string value, std::string Config::*field,
             absl::Status (*check)(std::string& value), std::string description,
             Setting::TakenOver taken_over);

// A whole number.
Setting Count(std::string name, int Config::*field, int least, int most,
              std::string description, Setting::TakenOver taken_over);

// A time in seconds, or with its unit. A reload takes it over.
Setting Time(std::string name, int Config::*field,
             absl::StatusOr<int> (*parse)(const std::string&),
             std::string description);

// The setting, with `in_words` for what holds if nothing is given.
Setting ByDefault(std::string in_words, Setting setting);
// The same, and `fallback` makes the value of it.
Setting WithFallback(Setting setting, std::string in_words,
                     std::function<std::string(const Config&)> fallback);
// The setting, which means nothing without the one called `door`.
Setting OfDoor(std::string door, Setting setting);

// A setting of one value, or a list of them; each is read by `parse`.
template <class Field, class Parse>
Setting Parsed(std::string name, std::string value, Field Config::*field,
               Parse parse, std::string description,
               Setting::TakenOver taken_over) {
  Setting setting{.name = std::move(name),
                  .value = std::move(value),
                  .description = std::move(description),
                  .taken_over = taken_over,
                  .fallback = [](const Config&) { return Setting::Values(); }};
  setting.take = [field, parse](const Setting::Values& values, Config& config) {
    config.*field = {};
    for (const std::string& text : values) {
      auto parsed = parse(text);
      if (!parsed.ok()) return parsed.status();
      if constexpr (requires { (config.*field).push_back(*parsed); }) {
        (config.*field).push_back(*std::move(parsed));
      } else {
        config.*field = *std::move(parsed);
      }
    }
    return absl::OkStatus();
  };
  if constexpr (requires(Field list) { list.size(); }) {
    setting.kind = Setting::Kind::kList;
  }
  return setting;
}

}  // namespace interlink::daemon::kind
