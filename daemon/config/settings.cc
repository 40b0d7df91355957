#include "daemon/config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "daemon/config/setting_rules.h"
#include "daemon/config/usual_paths.h"
#include "daemon/system/own_addresses.h"
#include "federation/base/names.h"

namespace interlink::daemon {
namespace {

using Values = Setting::Values;
constexpr auto kAtStart = Setting::TakenOver::kAtStart;
constexpr auto kAtReload = Setting::TakenOver::kAtReload;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

PathContext ThisProcess() {
  return {.environment =
              [](const std::string& name) { return Variable(name.c_str()); },
          .user_id = geteuid()};
}

Setting Text(std::string name, std::string Config::*field,
             absl::Status (*check)(std::string& value), std::string description,
             Setting::TakenOver taken_over) {
  return {.name = std::move(name),
          .description = std::move(description),
          .taken_over = taken_over,
          .take =
              [field, check](const Values& values, Config& config) {
                config.*field = values.front();
                return check(config.*field);
              },
          .fallback =
              [value = Config().*field](const Config&) {
                return value.empty() ? Values() : Values{value};
              }};
}

Setting WithFallback(Setting setting,
                     std::function<std::string(const Config&)> fallback) {
  setting.fallback = [fallback = std::move(fallback)](const Config& config) {
    return Values{fallback(config)};
  };
  return setting;
}

Setting Count(std::string name, int Config::*field, int least, int most,
              std::string description, Setting::TakenOver taken_over) {
  return {
      .name = std::move(name),
      .description = std::move(description),
      .kind = Setting::Kind::kNumber,
      .taken_over = taken_over,
      .take =
          [=](const Values& values, Config& config) {
            const auto number = rule::WholeNumber(values.front(), least, most);
            if (number.ok()) config.*field = *number;
            return number.status();
          },
      .fallback = [value = Config().*field](
                      const Config&) { return Values{std::to_string(value)}; }};
}

// A setting of one value, or a list of them; each is read by `parse`.
template <class Field, class Parse>
Setting Parsed(std::string name, Field Config::*field, Parse parse,
               std::string description, Setting::TakenOver taken_over) {
  Setting setting{.name = std::move(name),
                  .description = std::move(description),
                  .taken_over = taken_over,
                  .fallback = [](const Config&) { return Values(); }};
  setting.take = [field, parse](const Values& values, Config& config) {
    config.*field = {};
    for (const std::string& value : values) {
      auto parsed = parse(value);
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

Setting Advertise() {
  constexpr size_t kMost = 4;
  Setting setting{
      .name = "advertise",
      .description =
          "HOST:PORT at which peers reach this daemon, or none; may be "
          "repeated, at most 4",
      .kind = Setting::Kind::kList,
      .taken_over = kAtReload,
      .fallback = [](const Config&) { return Values(); }};
  setting.take = [](const Values& values, Config& config) {
    config.advertise = values;
    for (std::string& value : config.advertise) {
      if (auto status = rule::Advertised(value); !status.ok()) return status;
    }
    if (values.size() > kMost) {
      return absl::InvalidArgumentError("at most 4 addresses can be told");
    }
    if (values.size() > 1 &&
        std::count(values.begin(), values.end(), "none") > 0) {
      return absl::InvalidArgumentError("none stands alone");
    }
    return absl::OkStatus();
  };
  return setting;
}

std::vector<Setting> Listeners() {
  return {
      Text("federation-listen", &Config::federation_listen, rule::ListenAddress,
           "Where peers connect, HOST:PORT", kAtStart),
      Advertise(),
      WithFallback(Text("api-socket", &Config::api_socket, rule::SocketPath,
                        "Unix socket of the administrator's API", kAtStart),
                   [](const Config& config) {
                     return UsualSocket(ThisProcess(), config.data_dir);
                   }),
      Parsed("api-socket-group", &Config::api_socket_group, rule::Group,
             "Group whose members may open --api-socket, as administrators",
             kAtStart),
      Text("pbx-socket", &Config::pbx_socket, rule::SocketPath,
           "Unix socket of the PBX's API; off if not given", kAtStart),
      Parsed("pbx-socket-group", &Config::pbx_socket_group, rule::Group,
             "Group whose members may open --pbx-socket", kAtStart),
      Text("api-listen", &Config::api_listen, rule::ListenAddress,
           "HOST:PORT of the API with mutual TLS; off if not given", kAtStart),
      Text("api-cert", &Config::api_cert, rule::Path,
           "Certificate chain of --api-listen, PEM", kAtStart),
      Text("api-key", &Config::api_key, rule::Path,
           "Private key of --api-cert, PEM", kAtStart),
      Text("api-client-ca", &Config::api_client_ca, rule::Path,
           "CA that signs the clients of --api-listen, PEM", kAtStart),
      Text("http-listen", &Config::http_listen, rule::ListenAddressOrNone,
           "HOST:PORT of /metrics, /healthz and /readyz, or none", kAtStart),
  };
}

std::vector<Setting> AccountSettings() {
  return {
      WithFallback(
          Text("data-dir", &Config::data_dir, rule::Path,
               "Where the account's identity, links and numbers are kept",
               kAtStart),
          [](const Config&) { return UsualDataDir(ThisProcess()); }),
      WithFallback(
          Text("account-name", &Config::account_name, rule::AccountName,
               "The name that linked accounts are shown", kAtReload),
          [](const Config&) { return federation::ShownName(HostName()); }),
      Text("contact", &Config::contact, rule::Contact,
           "SIP URI for calls from linked accounts, with {number}", kAtReload),
      Parsed("contact-hosts", &Config::contact_hosts, rule::ContactHost,
             "The only hosts to which linked accounts may lead calls",
             kAtReload),
      [] {
        auto setting = Parsed(
            "never-remote", &Config::never_remote, rule::Number,
            "Numbers that are never looked up at linked accounts", kAtReload);
        setting.fallback = [](const Config&) {
          return Values{"112", "911", "999", "000"};
        };
        return setting;
      }(),
  };
}

std::vector<Setting> LimitsAndLogs() {
  return {
      Count("lookup-limit", &Config::lookup_limit, 0, 1'000'000,
            "Lookups a second that one link may make; 0 for no limit",
            kAtReload),
      Count("redeem-limit", &Config::redeem_limit, 0, 1'000'000,
            "Wrong keys a minute that one source may try; 0 for no limit",
            kAtReload),
      [] {
        auto setting = Parsed(
            "max-stale", &Config::max_stale, rule::Seconds,
            "How long a silent linked account's last answers are used; in "
            "seconds, or such as 30m",
            kAtReload);
        setting.kind = Setting::Kind::kNumber;
        setting.fallback = [](const Config&) {
          return Values{std::to_string(Config().max_stale)};
        };
        return setting;
      }(),
      Count("max-mirrored-numbers", &Config::max_mirrored_numbers, 0,
            100'000'000, "Numbers of linked accounts that are held in memory",
            kAtReload),
      Count(
          "max-connections", &Config::max_connections, 1, 1'000'000,
          "Federation connections in all, at most 1024 of them without a link",
          kAtStart),
      Count("max-connections-per-source", &Config::max_connections_per_source,
            1, 1'000'000,
            "Federation connections from one address over which no link "
            "speaks; those of links do not count",
            kAtStart),
      Parsed("trusted-proxies", &Config::trusted_proxies, rule::Network,
             "Addresses or networks, such as 192.0.2.0/24, of proxies that "
             "say by PROXY protocol v2 for which peer they connect",
             kAtStart),
      Text("log-format", &Config::log_format, rule::LogFormat, "json or text",
           kAtReload),
      Text("log-level", &Config::log_level, rule::LogLevel,
           "trace, debug, info, warn or error", kAtReload),
      Text("ready-file", &Config::ready_file, rule::Path,
           "Written once the daemon is ready, with its addresses", kAtStart),
  };
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const auto& all = *new std::vector<Setting>([] {
    std::vector<Setting> settings;
    for (auto part : {AccountSettings(), Listeners(), LimitsAndLogs()}) {
      settings.insert(settings.end(), part.begin(), part.end());
    }
    return settings;
  }());
  return all;
}

}  // namespace interlink::daemon
