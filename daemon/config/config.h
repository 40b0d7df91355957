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

// All settings. Each is a flag, an INTERLINK_* variable and a key of the TOML
// file, defined once in settings.cc. A value.
struct Config {
  // Of the federation's connections, so many may be without a link.
  static constexpr int kMaxUnlinked = 512;

  std::string data_dir;
  std::string account_name;
  std::string federation_listen = "0.0.0.0:7443";
  // "none" alone: not reachable. Empty: as OwnAddresses finds out.
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
  std::string pbx_http_listen;                 // Empty: off.
  std::vector<AddressRange> pbx_http_allow;
  std::string pbx_http_token;  // A file; empty: none is asked for.
  std::vector<federation::Host> pbx_http_host;
  std::vector<AddressRange> phonebook_allow;
  std::string sip_listen;  // Empty: off.
  std::vector<AddressRange> sip_allow;
  std::string contact;  // Empty: derived.
  std::vector<federation::Host> contact_hosts;
  std::vector<store::InternalNumber> never_remote;
  int lookup_limit = 2000;
  int redeem_limit = 5;
  int max_stale = 3600;  // Seconds.
  int max_mirrored_numbers = 2'000'000;
  // "open" or "token".
  std::string call_admission = "open";
  int call_token_life = 180;  // Seconds.
  int call_limit = 20;
  int max_connections = 10'000;
  int max_connections_per_source = 256;
  std::vector<AddressRange> trusted_proxies;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string ready_file;  // Empty: none.

  // What to do, instead of running.
  enum class Action { kRun, kPrintConfig, kCheckConfig, kRestore };
  Action action = Action::kRun;
  std::string restore_from;  // For kRestore: the backup's directory.
  bool restore_as_new = false;

  std::string file;     // Of --config; empty: none.
  int set_by_file = 0;  // Settings that it has, whether or not they count.

  // By setting, what was given; defaults are not in it.
  std::map<std::string, GivenSetting, std::less<>> given;
  // INTERLINK_* variables that are no settings, and resemble none.
  std::vector<std::string> unknown_variables;
  // For kCheckConfig only: with any other action, mistakes leave no
  // configuration. Beside mistakes, only the given settings that are good are
  // filled in, and no path or address by default.
  Mistakes mistakes;
  // All settings as the text of a file, for --print-config.
  std::string as_toml;

  // Whether the daemon that runs has a door for the PBX. None: none runs yet.
  std::optional<bool> pbx_doors_stand;

  bool HasPbxDoor() const;
  // What --call-admission is by default: a door of the PBX checks tokens.
  std::string UsualCallAdmission() const;
  // Keeps the defaults that follow from the doors of `running`, because doors
  // open and close only at a restart.
  void KeepDoorsOf(const Config& running);
  // Where a setting such as "api-cert" was given; its flag if it was not.
  std::string OriginOf(std::string_view setting) const;
  // `status`, its message preceded by the origin of `setting`.
  absl::Status Of(std::string_view setting, const absl::Status& status) const;
};

// A configuration, or the text to print and the exit code to end with.
struct ConfigOrExit {
  std::optional<Config> config;
  std::string text;
  int exit_code = 0;
  Mistakes mistakes = {};  // The sentences in `text`, if settings are wrong.
};

// Reads flags, environment and file, in this order of precedence, and fills in
// defaults. Errors say where a value was given, which it is and what is
// allowed.
ConfigOrExit ReadConfig(int argc, const char* const* argv);

}  // namespace interlink::daemon
