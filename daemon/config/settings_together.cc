#include "daemon/config/settings_together.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "daemon/config/settings.h"
#include "federation/base/contact_template.h"

namespace interlink::daemon {

Mistakes CheckTogether(const Config& config) {
  Mistakes mistakes;
  const auto needs = [&](const char* given, const std::string& missing) {
    mistakes.Add(config.Of(
        given, absl::InvalidArgumentError("needs --" + missing + " too")));
  };
  const std::pair<const char*, const std::string*> tcp[] = {
      {"api-listen", &config.api_listen},
      {"api-cert", &config.api_cert},
      {"api-key", &config.api_key},
      {"api-client-ca", &config.api_client_ca}};
  const auto given = std::find_if(
      std::begin(tcp), std::end(tcp),
      [](const auto& setting) { return !setting.second->empty(); });
  for (const auto& [missing, value] : tcp) {
    if (given != std::end(tcp) && value->empty()) needs(given->first, missing);
  }
  for (const Setting& setting : Settings()) {
    const bool has_door = setting.door.empty() || IsSet(setting.door, config);
    if (config.given.contains(setting.name) && !has_door) {
      needs(setting.name.c_str(), setting.door);
    }
  }
  const auto contact = federation::ContactTemplate::Parse(config.contact);
  if (config.call_admission == "token" && contact.ok()) {
    mistakes.Add(config.Of("contact", contact->CheckHasRoomForToken()));
  }
  return mistakes;
}

}  // namespace interlink::daemon
