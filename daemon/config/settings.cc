#include "daemon/config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "daemon/config/setting_kinds.h"
#include "daemon/config/setting_rules.h"
#include "daemon/config/usual_paths.h"
#include "daemon/system/own_addresses.h"
#include "federation/base/names.h"

namespace interlink::daemon {
namespace {

using kind::ByDefault;
using kind::Count;
using kind::OfDoor;
using kind::Parsed;
using kind::Text;
using kind::Time;
using kind::WithFallback;
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

Setting Advertise() {
  constexpr size_t kMost = 4;
  Setting setting{
      .name = "advertise",
      .value = "HOST:PORT",
      .description =
          "Where peers reach this daemon, at most 4 addresses; none "
          "if they cannot",
      .kind = Setting::Kind::kList,
      .taken_over = kAtReload,
      .default_in_words =
          "the address of --federation-listen, or if that is "
          "0.0.0.0, of this machine in its network",
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

constexpr const char* kOff = "off";

std::vector<Setting> Sockets() {
  return {
      WithFallback(
          Text("api-socket", "PATH", &Config::api_socket, rule::SocketPath,
               "Unix socket of the administrator's API", kAtStart),
          "interlink/api.sock in /run for root, else in "
          "XDG_RUNTIME_DIR",
          [](const Config& config) {
            return UsualSocket(ThisProcess(), config.data_dir);
          }),
      ByDefault(
          "the daemon's own group",
          Parsed("api-socket-group", "GROUP", &Config::api_socket_group,
                 rule::Group,
                 "Group whose members may open --api-socket, as administrators",
                 kAtStart)),
      ByDefault(kOff, Text("pbx-socket", "PATH", &Config::pbx_socket,
                           rule::SocketPath, "Unix socket of the PBX's API",
                           kAtStart)),
      OfDoor("pbx-socket",
             ByDefault("the daemon's own group",
                       Parsed("pbx-socket-group", "GROUP",
                              &Config::pbx_socket_group, rule::Group,
                              "Group whose members may open --pbx-socket",
                              kAtStart))),
  };
}

std::vector<Setting> Listeners() {
  return {
      ByDefault(kOff, Text("api-listen", "HOST:PORT", &Config::api_listen,
                           rule::ListenAddress,
                           "Where other services use the API by mutual TLS",
                           kAtStart)),
      Text("api-cert", "FILE", &Config::api_cert, rule::Path,
           "Certificate chain of --api-listen, PEM; a renewed file needs no "
           "reload",
           kAtStart),
      Text("api-key", "FILE", &Config::api_key, rule::Path,
           "Private key of --api-cert, PEM; a renewed file needs no reload",
           kAtStart),
      Text("api-client-ca", "FILE", &Config::api_client_ca, rule::Path,
           "CA that signs the clients of --api-listen, PEM; a renewed file "
           "needs no reload",
           kAtStart),
      Text("http-listen", "HOST:PORT", &Config::http_listen,
           rule::ListenAddressOrNone,
           "Where /metrics, /healthz and /readyz are served, or none",
           kAtStart),
  };
}

// Who may ask at the door `listen`, if it is open: by default, this machine.
Setting Allow(std::string name, std::vector<AddressRange> Config::*field,
              std::string door, std::string Config::*listen,
              std::string description) {
  auto setting =
      Parsed(std::move(name), "CIDR", field, rule::Network,
             std::move(description) +
                 "; a list that replaces the default needs 127.0.0.1 for a PBX "
                 "of this machine",
             kAtReload);
  setting.door = std::move(door);
  setting.default_in_words = "this machine alone";
  setting.fallback = [listen](const Config& config) {
    return (config.*listen).empty() ? Values() : Values{"127.0.0.0/8", "::1"};
  };
  return setting;
}

std::vector<Setting> PbxDoorSettings() {
  return {
      ByDefault(kOff,
                Text("pbx-http-listen", "HOST:PORT", &Config::pbx_http_listen,
                     rule::ListenAddress,
                     "Where a dialplan asks by HTTP who has a number, such as "
                     "127.0.0.1:9465",
                     kAtStart)),
      Allow("pbx-http-allow", &Config::pbx_http_allow, "pbx-http-listen",
            &Config::pbx_http_listen,
            "Addresses or networks, such as 192.0.2.0/24, of the PBXs that may "
            "use --pbx-http-listen"),
      OfDoor("pbx-http-listen",
             ByDefault("none is asked for",
                       Text("pbx-http-token", "FILE", &Config::pbx_http_token,
                            rule::Path,
                            "File with a secret that requests to "
                            "--pbx-http-listen have to show, as Bearer or as "
                            "the password of Basic; a reload reads it again",
                            kAtReload))),
      ByDefault(
          "localhost alone",
          Parsed("pbx-http-host", "HOST", &Config::pbx_http_host,
                 rule::ContactHost,
                 "Names, besides addresses, by which --pbx-http-listen and "
                 "--http-listen may be asked",
                 kAtReload)),
      OfDoor("pbx-http-listen",
             ByDefault("nobody",
                       Parsed("phonebook-allow", "CIDR",
                              &Config::phonebook_allow, rule::Network,
                              "Addresses or networks of the desk phones that "
                              "may read the phone book at --pbx-http-listen",
                              kAtReload))),
      ByDefault(kOff, Text("sip-listen", "HOST:PORT", &Config::sip_listen,
                           rule::ListenAddress,
                           "Where the PBX asks by SIP, over UDP and TCP, such "
                           "as 127.0.0.1:5070",
                           kAtStart)),
      Allow("sip-allow", &Config::sip_allow, "sip-listen", &Config::sip_listen,
            "Addresses or networks, such as 192.0.2.0/24, of the PBXs that may "
            "use --sip-listen"),
  };
}

std::vector<Setting> AccountSettings() {
  return {
      WithFallback(
          Text("data-dir", "DIR", &Config::data_dir, rule::Path,
               "Where the account's identity, links and numbers are kept",
               kAtStart),
          "/var/lib/interlink for root, else interlink in XDG_STATE_HOME",
          [](const Config&) { return UsualDataDir(ThisProcess()); }),
      WithFallback(
          Text("account-name", "NAME", &Config::account_name, rule::AccountName,
               "The name that linked accounts are shown", kAtReload),
          "the name of this machine",
          [](const Config&) { return federation::ShownName(HostName()); }),
      ByDefault("sip:{number}@ and the first host of --advertise",
                Text("contact", "URI", &Config::contact, rule::Contact,
                     "SIP URI for calls from linked accounts, with {number}",
                     kAtReload)),
      ByDefault("any",
                Parsed("contact-hosts", "HOST", &Config::contact_hosts,
                       rule::ContactHost,
                       "The only hosts to which linked accounts may lead calls",
                       kAtReload)),
      [] {
        auto setting = Parsed(
            "never-remote", "NUMBER", &Config::never_remote, rule::Number,
            "Numbers that are never looked up at linked accounts", kAtReload);
        setting.fallback = [](const Config&) {
          return Values{"112", "911", "999", "000"};
        };
        return setting;
      }(),
      Text("federation-listen", "HOST:PORT", &Config::federation_listen,
           rule::ListenAddress, "Where peers connect", kAtStart),
      Advertise(),
  };
}

std::vector<Setting> Calls() {
  return {
      WithFallback(
          Text("call-admission", "open|token", &Config::call_admission,
               rule::CallAdmission,
               "Which calls of linked accounts the PBX lets in: open, all to a "
               "number that is shared; token, only those that bring a call "
               "token",
               kAtReload),
          "token with --pbx-http-listen or --sip-listen, else open",
          [](const Config& config) { return config.UsualCallAdmission(); }),
      Time("call-token-life", &Config::call_token_life, rule::CallTokenLife,
           "How long a call token is good"),
      Count("call-limit", &Config::call_limit, 0, 1'000'000,
            "Calls a second that one link may make, ten times as many in a "
            "row; a PBX that asks twice about a call counts it twice; 0 for no "
            "limit",
            kAtReload),
  };
}

std::vector<Setting> LimitsAndLogs() {
  const std::string unlinked = std::to_string(Config::kMaxUnlinked);
  return {
      Count("lookup-limit", &Config::lookup_limit, 0, 1'000'000,
            "Lookups a second that one link may make; 0 for no limit",
            kAtReload),
      Count("redeem-limit", &Config::redeem_limit, 0, 1'000'000,
            "Wrong keys a minute that one source may try; 0 for no limit",
            kAtReload),
      Time("max-stale", &Config::max_stale, rule::Seconds,
           "How long a silent linked account's last answers are used"),
      Count("max-mirrored-numbers", &Config::max_mirrored_numbers, 0,
            100'000'000, "Numbers of linked accounts that are held in memory",
            kAtReload),
      Count("max-connections", &Config::max_connections, 1, 1'000'000,
            "Federation connections in all, at most " + unlinked +
                " of them without a link",
            kAtStart),
      Count("max-connections-per-source", &Config::max_connections_per_source,
            1, 1'000'000,
            "Federation connections from one address over which no link "
            "speaks; those of links do not count; " +
                unlinked + " or more is no limit",
            kAtStart),
      ByDefault("nobody",
                Parsed("trusted-proxies", "CIDR", &Config::trusted_proxies,
                       rule::Network,
                       "Addresses or networks, such as 192.0.2.0/24, of "
                       "proxies that say by PROXY protocol v2, on every "
                       "connection, for which peer they connect",
                       kAtStart)),
      Text("log-format", "json|text", &Config::log_format, rule::LogFormat,
           "How a line of the log is written", kAtReload),
      Text("log-level", "trace|debug|info|warn|error", &Config::log_level,
           rule::LogLevel, "The least important lines of the log", kAtReload),
      ByDefault("none",
                Text("ready-file", "FILE", &Config::ready_file, rule::Path,
                     "Written once the daemon is ready, with its addresses",
                     kAtStart)),
  };
}

}  // namespace

Values Setting::ValuesIn(const Config& config) const {
  const auto found = config.given.find(name);
  return found != config.given.end() ? found->second.values : fallback(config);
}

std::string Setting::DefaultInWords() const {
  if (!default_in_words.empty()) return default_in_words;
  std::string words;
  for (const std::string& each : fallback({})) {
    words += (words.empty() ? "" : ", ") + each;
  }
  return words;
}

const std::vector<Setting>& Settings() {
  static const auto& all = *new std::vector<Setting>([] {
    std::vector<Setting> settings;
    for (auto part : {AccountSettings(), Sockets(), Listeners(),
                      PbxDoorSettings(), Calls(), LimitsAndLogs()}) {
      settings.insert(settings.end(), part.begin(), part.end());
    }
    return settings;
  }());
  return all;
}

bool IsSet(std::string_view name, const Config& config) {
  const auto setting =
      std::find_if(Settings().begin(), Settings().end(),
                   [name](const Setting& each) { return each.name == name; });
  return setting != Settings().end() && !setting->ValuesIn(config).empty();
}

}  // namespace interlink::daemon
