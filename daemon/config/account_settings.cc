#include "daemon/config/account_settings.h"

#include <utility>

#include "daemon/system/own_addresses.h"

namespace interlink::daemon {
federation::AccountSettings SettingsFrom(const Config& config,
                                         std::vector<std::string> addresses) {
  federation::AccountSettings settings;
  settings.account_name = config.account_name;
  settings.addresses = std::move(addresses);
  settings.contact = config.contact;
  settings.is_contact_set = !config.contact.empty();
  if (settings.contact.empty()) {
    const std::string host =
        settings.addresses.empty()
            ? HostName()
            : settings.addresses[0].substr(0, settings.addresses[0].rfind(':'));
    settings.contact = "sip:{number}@" + host;
  }
  settings.contact_hosts = config.contact_hosts;
  settings.never_remote = config.never_remote;
  settings.lookup_limit = config.lookup_limit;
  settings.redeem_limit = config.redeem_limit;
  settings.max_stale = std::chrono::seconds(config.max_stale);
  settings.max_mirrored_numbers = config.max_mirrored_numbers;
  settings.asks_for_call_tokens = config.call_admission == "token";
  settings.call_token_life = std::chrono::seconds(config.call_token_life);
  settings.call_limit = config.call_limit;
  return settings;
}

}  // namespace interlink::daemon
