#include "daemon/config/setting_kinds.h"

#include "daemon/config/setting_rules.h"

namespace interlink::daemon::kind {

using Values = Setting::Values;

Setting Text(std::string name, std::string value, std::string Config::*field,
             absl::Status (*check)(std::string& value), std::string description,
             Setting::TakenOver taken_over) {
  return {.name = std::move(name),
          .value = std::move(value),
          .description = std::move(description),
          .taken_over = taken_over,
          .take =
              [field, check](const Values& values, Config& config) {
                config.*field = values.front();
                return check(config.*field);
              },
          .fallback =
              [standard = Config().*field](const Config&) {
                return standard.empty() ? Values() : Values{standard};
              }};
}

Setting WithFallback(Setting setting, std::string in_words,
                     std::function<std::string(const Config&)> fallback) {
  setting.default_in_words = std::move(in_words);
  setting.fallback = [fallback = std::move(fallback)](const Config& config) {
    return Values{fallback(config)};
  };
  return setting;
}

Setting ByDefault(std::string in_words, Setting setting) {
  setting.default_in_words = std::move(in_words);
  return setting;
}

Setting OfDoor(std::string door, Setting setting) {
  setting.door = std::move(door);
  return setting;
}

Setting Count(std::string name, int Config::*field, int least, int most,
              std::string description, Setting::TakenOver taken_over) {
  return {.name = std::move(name),
          .value = "NUMBER",
          .description = std::move(description),
          .kind = Setting::Kind::kNumber,
          .taken_over = taken_over,
          .take =
              [=](const Values& values, Config& config) {
                const auto number =
                    rule::WholeNumber(values.front(), least, most);
                if (number.ok()) config.*field = *number;
                return number.status();
              },
          .fallback =
              [standard = Config().*field](const Config&) {
                return Values{std::to_string(standard)};
              }};
}

Setting Time(std::string name, int Config::*field,
             absl::StatusOr<int> (*parse)(const std::string&),
             std::string description) {
  auto setting = Parsed(std::move(name), "TIME", field, parse,
                        std::move(description) + "; in seconds, or such as 5m",
                        Setting::TakenOver::kAtReload);
  setting.kind = Setting::Kind::kNumber;
  setting.fallback = [standard = Config().*field](const Config&) {
    return Values{std::to_string(standard)};
  };
  return setting;
}

}  // namespace interlink::daemon::kind
