#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/mistakes.h"
#include "daemon/net/address_range.h"
#include "federation/base/host.h"
#include "store/internal_number.h"

namespace interlink::daemon {

// What was given for one setting.
struct GivenSetting {
  std::vector<std::string> values;
  // Where it was given, such as "--contact", "INTERLINK_CONTACT" or "the file
  // /etc/interlink.toml, line 3, contact".
  std::string origin;
};

// Everything that can be configured; each is a flag, an INTERLINK_* variable
// and a key of the TOML file, defined once in settings.cc. A value.
struct Config {
  std::string data_dir;
  std::string account_name;
  std::string federation_listen = "0.0.0.0:7443";
  // "none" alone: not reachable. Empty: what the listener's address tells.
  std::vector<std::string> advertise;
  std::string api_socket;
  std::optional<gid_t> api_socket_group;  // None: the process's own.
  std::string pbx_socket;                 // Empty: off.
  std::optional<gid_t> pbx_socket_group;
  std::string api_listen;  // Empty: off.
  std::string api_cert;
  std::string api_key;
  std::string api_client_ca;
  std::string http_listen = "127.0.0.1:9464";  // "none": off.
  std::string contact;                         // Empty: derived.
  std::vector<federation::Host> contact_hosts;
  std::vector<store::InternalNumber> never_remote;
  int lookup_limit = 2000;
  int redeem_limit = 5;
  int max_stale = 3600;  // Seconds.
  int max_mirrored_numbers = 2'000'000;
  int max_connections = 10'000;
  int max_connections_per_source = 256;
  std::vector<AddressRange> trusted_proxies;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string ready_file;  // Empty: none.

  // What the process was asked to do instead of running.
  enum class Action { kRun, kPrintConfig, kCheckConfig, kRestore };
  Action action = Action::kRun;
  std::string restore_from;  // Of kRestore: what Backup made.
  bool restore_as_new = false;

  // By setting: what was given of all of the above. Defaults are not.
  std::map<std::string, GivenSetting, std::less<>> given;
  // INTERLINK_* variables that are no settings, and resemble none.
  std::vector<std::string> unknown_variables;
  // Only of kCheckConfig: with any other action there is no configuration
  // beside mistakes. If there are some, a setting has a value only if one was
  // given and is not mistaken.
  Mistakes mistakes;
  // The file's own text of all settings, for --print-config.
  std::string as_toml;

  // Where a setting ("api-cert") was given, or the flag that would.
  std::string OriginOf(std::string_view setting) const;
  // `status`, its message preceded by the origin of the setting it is about.
  absl::Status Of(std::string_view setting, const absl::Status& status) const;
};

// A configuration, or the text to print and the exit code to end with.
struct ConfigOrExit {
  std::optional<Config> config;
  std::string text;
  int exit_code = 0;
};

// Reads flags, environment and file, in this order of precedence, and fills in
// defaults. Texts of errors say where the value was given, which it is and what
// is allowed.
ConfigOrExit ReadConfig(int argc, const char* const* argv);

// A sentence for each setting that differs between the two and is taken over by
// a restart only.
std::vector<std::string> WaitingForRestart(const Config& running,
                                           const Config& fresh);

}  // namespace interlink::daemon
