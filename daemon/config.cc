#include "daemon/config.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "daemon/address_range.h"
#include "daemon/toml.h"
#include "daemon/usual_paths.h"
#include "federation/names.h"

namespace interlink::daemon {
namespace {

constexpr int kUsageError = 2;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
    return "localhost";
  }
  return name;
}

PathContext ThisProcess() {
  return {.environment =
              [](const std::string& name) { return Variable(name.c_str()); },
          .user_id = geteuid()};
}

// CLI11 takes a validator's non-empty answer as the error.
CLI::Validator Checked(const char* what,
                       std::function<bool(const std::string&)> is_good) {
  return CLI::Validator(
      [=](std::string& text) {
        return is_good(text) ? std::string()
                             : "\"" + text + "\" is not " + what;
      },
      "");
}

// "--data-dir" -> "INTERLINK_DATA_DIR".
std::string VariableOf(const std::string& setting) {
  std::string name = "INTERLINK_";
  for (const char c : setting) {
    name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

// CLI11 would give the file precedence over variables, and end a string at "#".
class SettingsFile : public CLI::ConfigTOML {
 public:
  explicit SettingsFile(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    std::ostringstream text;
    text << in.rdbuf();
    const auto settings = ParseToml(text.str());
    if (!settings.ok()) {
      throw CLI::ConfigError("the configuration file, " +
                             std::string(settings.status().message()));
    }
    std::vector<CLI::ConfigItem> found;
    for (const TomlSetting& setting : *settings) {
      if (!IsSetting(setting.key)) {
        throw CLI::ConfigError(
            "the configuration file, line " + std::to_string(setting.line) +
            ": \"" + setting.key +
            "\" is no setting; a key is a flag without its dashes");
      }
      if (Variable(VariableOf(setting.key).c_str()).empty()) {
        found.push_back({{}, setting.key, setting.values});
      }
    }
    return found;
  }

 private:
  bool IsSetting(const std::string& name) const {
    const CLI::Option* option = app_.get_option_no_throw("--" + name);
    return option != nullptr && option->get_configurable();
  }

  const CLI::App& app_;
};

bool IsListenAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  const bool is_port_zero = text.substr(colon) == ":0";
  return federation::CheckAddress(is_port_zero ? text.substr(0, colon) + ":1"
                                               : text)
      .ok();
}

void AddListeners(CLI::App& app, Config& config) {
  const auto listen =
      Checked("HOST:PORT; the port 0 lets the system choose", IsListenAddress);
  app.add_option("--federation-listen", config.federation_listen,
                 "Where peers connect, HOST:PORT")
      ->check(listen);
  app.add_option("--advertise", config.advertise,
                 "HOST:PORT at which peers reach this daemon, or none; may be "
                 "repeated, at most 4")
      ->expected(1, 4)
      ->delimiter(',')
      ->check(Checked("HOST:PORT or none", [](const std::string& text) {
        return text == "none" || federation::CheckAddress(text).ok();
      }));
  app.add_option("--api-socket", config.api_socket,
                 "Unix socket of the administrator's API");
  app.add_option("--pbx-socket", config.pbx_socket,
                 "Unix socket of the PBX's API; off if not given");
  auto* api_listen =
      app.add_option("--api-listen", config.api_listen,
                     "HOST:PORT of the API with mutual TLS; off if not given")
          ->check(listen);
  auto* cert = app.add_option("--api-cert", config.api_cert,
                              "Certificate chain of --api-listen, PEM");
  auto* key = app.add_option("--api-key", config.api_key,
                             "Private key of --api-cert, PEM");
  auto* ca = app.add_option("--api-client-ca", config.api_client_ca,
                            "CA that signs the clients of --api-listen, PEM");
  // All or none.
  for (auto* option : {api_listen, cert, key, ca}) {
    for (auto* other : {api_listen, cert, key, ca}) {
      if (option != other) option->needs(other);
    }
  }
  app.add_option("--http-listen", config.http_listen,
                 "HOST:PORT of /metrics, /healthz and /readyz, or none")
      ->check(Checked("HOST:PORT or none", [](const std::string& text) {
        return text == "none" || IsListenAddress(text);
      }));
}

void AddAccount(CLI::App& app, Config& config) {
  app.add_option("--data-dir", config.data_dir,
                 "Where the account's identity, links and numbers are kept");
  app.add_option("--account-name", config.account_name,
                 "What linked accounts call this one")
      ->check(
          Checked("1 to 64 characters of text", [](const std::string& text) {
            return federation::ParseName(text, "").ok();
          }));
  app.add_option("--contact", config.contact,
                 "SIP URI for calls from linked accounts, with {number}")
      ->check(CLI::Validator(
          [](std::string& text) {
            const auto parsed = federation::ContactTemplate::Parse(text);
            return parsed.ok()
                       ? std::string()
                       : "\"" + text +
                             "\": " + std::string(parsed.status().message());
          },
          ""));
  app.add_option("--contact-hosts", config.contact_hosts,
                 "The only hosts to which linked accounts may lead calls")
      ->delimiter(',');
  app.add_option("--never-remote", config.never_remote,
                 "Numbers that are never asked of linked accounts")
      ->delimiter(',')
      ->check(Checked("1 to 15 digits", [](const std::string& text) {
        return store::InternalNumber::Parse(text).has_value();
      }));
}

void AddLimitsAndLogs(CLI::App& app, Config& config) {
  app.add_option("--lookup-limit", config.lookup_limit,
                 "Lookups a second that one link may make; 0 for no limit")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--redeem-limit", config.redeem_limit,
                 "Wrong keys a minute that one source may try; 0 for no limit")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-stale", config.max_stale,
                 "How long what a silent linked account said last is given "
                 "out; in seconds, or such as 30m")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, int>{
              {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}},
          CLI::AsNumberWithUnit::CASE_SENSITIVE, "TIME"))
      ->check(CLI::Range(0, 30 * 86'400));
  app.add_option("--max-mirrored-numbers", config.max_mirrored_numbers,
                 "Numbers of linked accounts that are held in memory")
      ->check(CLI::Range(0, 100'000'000));
  app.add_option("--max-connections", config.max_connections,
                 "Federation connections in all")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-connections-per-source",
                 config.max_connections_per_source,
                 "Federation connections from one address over which no link "
                 "speaks; those of links do not count")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--trusted-proxies", config.trusted_proxies,
                 "Addresses or networks, such as 192.0.2.0/24, of proxies that "
                 "tell by PROXY protocol v2 for which peer they connect")
      ->delimiter(',')
      ->check(Checked("an address or a network, such as 192.0.2.0/24",
                      [](const std::string& text) {
                        return AddressRange::Parse(text).has_value();
                      }));
  app.add_option("--log-format", config.log_format, "json or text")
      ->check(CLI::IsMember({"json", "text"}));
  app.add_option("--log-level", config.log_level,
                 "trace, debug, info, warn or error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}));
  app.add_option("--ready-file", config.ready_file,
                 "Written once the daemon is ready, with its addresses");
}

void CheckTogether(const Config& config) {
  const auto& advertise = config.advertise;
  if (advertise.size() > 1 &&
      std::count(advertise.begin(), advertise.end(), "none") > 0) {
    throw CLI::ValidationError("--advertise", "none stands alone");
  }
}

void FillDefaults(CLI::App& app, Config& config) {
  if (config.data_dir.empty()) config.data_dir = UsualDataDir(ThisProcess());
  if (config.account_name.empty()) config.account_name = HostName();
  if (config.api_socket.empty()) {
    config.api_socket = UsualSocket(ThisProcess(), config.data_dir);
  }
  for (std::string* socket : {&config.api_socket, &config.pbx_socket}) {
    *socket = WithoutUnixScheme(*socket);
  }
  // For AsToml().
  app.get_option("--data-dir")->default_str(config.data_dir);
  app.get_option("--account-name")->default_str(config.account_name);
  app.get_option("--api-socket")->default_str(config.api_socket);
  auto* never_remote = app.get_option("--never-remote");
  if (never_remote->empty()) never_remote->add_result(config.never_remote);
}

// Every setting in force, as a file for --config.
std::string AsToml(const CLI::App& app) {
  std::string toml;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_configurable()) continue;
    auto values = option->results();
    if (values.empty()) values = {option->get_default_str()};
    if (values[0].empty() || values[0] == "[]") continue;
    const bool is_number = option->get_type_name().starts_with("INT");
    std::string text;
    for (const std::string& value : values) {
      text += text.empty() ? "" : ", ";
      text += is_number ? value : TomlString(value);
    }
    if (option->get_expected_max() > 1) text = "[" + text + "]";
    toml += "# " + option->get_description() + ".\n" +
            option->get_single_name() + " = " + text + "\n\n";
  }
  return toml;
}

// The address that this machine uses towards the outside. Sends nothing.
std::string DefaultRouteHost() {
  for (const bool is_v6 : {false, true}) {
    addrinfo hints{};
    hints.ai_family = is_v6 ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* target = nullptr;
    // Addresses that are documented to belong to nobody.
    if (getaddrinfo(is_v6 ? "2001:db8::1" : "192.0.2.1", "9", &hints,
                    &target) != 0) {
      continue;
    }
    const int probe = socket(target->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    char host[NI_MAXHOST] = {};
    const bool is_known =
        probe >= 0 &&
        connect(probe, target->ai_addr, target->ai_addrlen) == 0 &&
        getsockname(probe, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
        getnameinfo(reinterpret_cast<sockaddr*>(&own), size, host, sizeof(host),
                    nullptr, 0, NI_NUMERICHOST) == 0;
    if (probe >= 0) close(probe);
    freeaddrinfo(target);
    if (is_known) return is_v6 ? "[" + std::string(host) + "]" : host;
  }
  return "127.0.0.1";
}

}  // namespace

ConfigOrExit ReadConfig(int argc, const char* const* argv) {
  Config config;
  CLI::App app("The Interlink daemon: links this PBX account with others.",
               "interlinkd");
  app.set_version_flag("--version", std::string(INTERLINK_VERSION));
  const std::string file = Variable("INTERLINK_CONFIG");
  app.set_config("--config", file, "The configuration file, TOML",
                 /*config_required=*/!file.empty());
  app.config_formatter(std::make_shared<SettingsFile>(app));
  app.option_defaults()->always_capture_default();
  AddAccount(app, config);
  AddListeners(app, config);
  AddLimitsAndLogs(app, config);
  bool print_config = false;
  bool check_config = false;
  app.add_flag("--print-config", print_config,
               "Print the settings in force and exit")
      ->configurable(false);
  app.add_flag("--check-config", check_config, "Check the settings and exit")
      ->configurable(false);
  CLI::App& restore = *app.add_subcommand(
      "restore",
      "Put a backup in the data directory, which must hold no store, and exit. "
      "Keys that were pending in it are void; links stay");
  restore.configurable(false);
  restore
      .add_option("--from", config.restore_from,
                  "The directory that Backup made; it stays as it is")
      ->required();
  restore.add_flag("--as-new", config.restore_as_new,
                   "Make another account of it: a new identity, the same "
                   "numbers, no interlinks");
  app.fallthrough();
  restore.fallthrough();
  for (CLI::Option* option : app.get_options()) {
    if (option->get_configurable()) {
      option->envname(VariableOf(option->get_single_name()));
    }
  }
  try {
    app.parse(argc, argv);
    CheckTogether(config);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    const bool is_error = app.exit(error, out, out) != 0;
    return {std::nullopt, out.str(), is_error ? kUsageError : 0};
  }
  FillDefaults(app, config);
  config.as_toml = AsToml(app);
  if (print_config) config.action = Config::Action::kPrintConfig;
  if (check_config) config.action = Config::Action::kCheckConfig;
  if (restore.parsed()) config.action = Config::Action::kRestore;
  return {std::move(config), "", 0};
}

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
  for (const std::string& digits : config.never_remote) {
    settings.never_remote.push_back(*store::InternalNumber::Parse(digits));
  }
  settings.lookup_limit = config.lookup_limit;
  settings.redeem_limit = config.redeem_limit;
  settings.max_stale = std::chrono::seconds(config.max_stale);
  settings.max_mirrored_numbers = config.max_mirrored_numbers;
  return settings;
}

std::vector<std::string> AdvertisedAddresses(const Config& config,
                                             const std::string& bound) {
  if (config.advertise == std::vector<std::string>{"none"}) return {};
  if (!config.advertise.empty()) return config.advertise;
  const size_t colon = bound.rfind(':');
  const std::string host = bound.substr(0, colon);
  if (host != "0.0.0.0" && host != "[::]") return {bound};
  return {DefaultRouteHost() + bound.substr(colon)};
}

}  // namespace interlink::daemon
