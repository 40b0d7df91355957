#pragma once

#include <optional>
#include <string>
#include <vector>

#include "federation/settings.h"

namespace interlink::daemon {

// Everything that can be configured; each is a flag, an INTERLINK_* variable
// and a key of the TOML file, defined once in config.cc. A value.
struct Config {
  std::string data_dir;
  std::string account_name;
  std::string federation_listen = "0.0.0.0:7443";
  // "none" alone: not reachable. Empty: what the listener's address tells.
  std::vector<std::string> advertise;
  std::string api_socket;
  std::string pbx_socket;  // Empty: off.
  std::string api_listen;  // Empty: off.
  std::string api_cert;
  std::string api_key;
  std::string api_client_ca;
  std::string http_listen = "127.0.0.1:9464";  // "none": off.
  std::string contact;                         // Empty: derived.
  std::vector<std::string> contact_hosts;
  std::vector<std::string> never_remote = {"112", "911", "999", "000"};
  int lookup_limit = 2000;
  int redeem_limit = 5;
  int max_stale = 3600;  // Seconds.
  int max_mirrored_numbers = 2'000'000;
  int max_connections = 10'000;
  int max_connections_per_source = 256;
  std::vector<std::string> trusted_proxies;  // Addresses and networks.
  std::string log_format = "text";
  std::string log_level = "info";
  std::string ready_file;  // Empty: none.

  // What the process was asked to do instead of running.
  enum class Action { kRun, kPrintConfig, kCheckConfig, kRestore };
  Action action = Action::kRun;
  std::string restore_from;  // Of kRestore: what Backup made.
  bool restore_as_new = false;
  // The file's own text of all settings, for --print-config.
  std::string as_toml;
};

// A configuration, or the text to print and the exit code to end with.
struct ConfigOrExit {
  std::optional<Config> config;
  std::string text;
  int exit_code = 0;
};

// Reads flags, environment and file, in this order of precedence, and fills in
// defaults. Texts of errors name the flag or the file's key and what is
// allowed.
ConfigOrExit ReadConfig(int argc, const char* const* argv);

// The account's part. `addresses` is what peers are told.
federation::AccountSettings SettingsFrom(const Config& config,
                                         std::vector<std::string> addresses);

// Where peers reach a listener bound to `bound` ("host:port"): what --advertise
// says, else the bound address if it is a specific one, else that of the
// interface with the default route.
std::vector<std::string> AdvertisedAddresses(const Config& config,
                                             const std::string& bound);

}  // namespace interlink::daemon
