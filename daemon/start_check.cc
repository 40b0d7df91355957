#include "daemon/start_check.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/api_credentials.h"
#include "daemon/config/account_settings.h"
#include "daemon/config/door_warnings.h"
#include "daemon/http/access_token.h"
#include "daemon/net/listen_address.h"
#include "daemon/net/socket_path.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/folder.h"
#include "daemon/system/own_addresses.h"
#include "daemon/system/ready_file.h"
#include "federation/base/reach.h"

namespace interlink::daemon {
namespace {

using Named = std::pair<std::string, std::string>;  // A setting, its value.

absl::Status CheckDataDir(const Config& config) {
  if (config.data_dir.empty()) return absl::OkStatus();
  return config.Of("data-dir", CheckFolder(config.data_dir));
}

absl::Status Twice(const Config& config, const Named& one, const Named& other) {
  return config.Of(other.first,
                   absl::InvalidArgumentError(other.second + " is taken by --" +
                                              one.first + " already"));
}

// Where a path leads, whether or not there is anything yet.
std::filesystem::path PlaceOf(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  const auto place = std::filesystem::weakly_canonical(whole, error);
  return error ? whole.lexically_normal() : place;
}

// Whether what the daemon makes has a place of its own: at a first start
// nothing is there yet that would be in its way.
absl::Status CheckPlace(const Config& config, const Named& made) {
  for (const Named& other :
       {Named("data-dir", config.data_dir), Named("api-cert", config.api_cert),
        Named("api-key", config.api_key),
        Named("api-client-ca", config.api_client_ca),
        Named("pbx-http-token", config.pbx_http_token),
        Named("api-socket", config.api_socket),
        Named("pbx-socket", config.pbx_socket)}) {
    if (other.first == made.first) break;
    if (other.second.empty()) continue;
    if (PlaceOf(other.second) == PlaceOf(made.second)) {
      return Twice(config, other, made);
    }
  }
  return absl::OkStatus();
}

Mistakes CheckSockets(const Config& config) {
  Mistakes mistakes;
  for (const Named& socket : {Named("api-socket", config.api_socket),
                              Named("pbx-socket", config.pbx_socket)}) {
    if (socket.second.empty()) continue;
    auto status = CheckPlace(config, socket);
    if (status.ok()) {
      status = config.Of(socket.first, SocketPath::Check(socket.second));
    }
    mistakes.Add(status);
  }
  return mistakes;
}

// Some files of the store, such as LOCK, are empty. ReadyFile::Check() would
// take an empty file for a ready file that a script has made.
bool IsInDataDir(const Config& config, const std::string& path) {
  if (config.data_dir.empty()) return false;
  const auto store = PlaceOf(config.data_dir);
  auto place = PlaceOf(path);
  while (place != store && place.has_relative_path()) {
    place = place.parent_path();
  }
  return place == store;
}

absl::Status CheckReadyFile(const Config& config) {
  const std::string& path = config.ready_file;
  if (path.empty()) return absl::OkStatus();
  if (auto s = CheckPlace(config, {"ready-file", path}); !s.ok()) return s;
  if (IsInDataDir(config, path)) {
    return config.Of(
        "ready-file",
        absl::InvalidArgumentError(
            path + " is in the data directory, whose files are the "
                   "store's; name another path"));
  }
  return config.Of("ready-file", ReadyFile::Check(path));
}

absl::Status CheckPort(const Config& config, const std::vector<Named>& before,
                       const Named& port) {
  for (const Named& other : before) {
    if (IsSamePlace(other.second, port.second)) {
      return Twice(config, other, port);
    }
  }
  auto status = CheckCanListen(port.second);
  if (status.ok() && port.first == "sip-listen") {
    status = CheckCanReceive(port.second);
  }
  return config.Of(port.first, status);
}

// The ports that are to be opened, in the order of the start.
std::vector<Named> PortsOf(const Config& config) {
  std::vector<Named> ports = {
      Named("federation-listen", config.federation_listen),
      Named("api-listen", config.api_listen),
      Named("http-listen", config.http_listen),
      Named("pbx-http-listen", config.pbx_http_listen),
      Named("sip-listen", config.sip_listen)};
  std::erase_if(ports, [](const Named& port) {
    return port.second.empty() || port.second == "none";
  });
  return ports;
}

Mistakes CheckPorts(const Config& config) {
  Mistakes mistakes;
  std::vector<Named> before;
  for (const Named& port : PortsOf(config)) {
    mistakes.Add(CheckPort(config, before, port));
    before.push_back(port);
  }
  return mistakes;
}

void WarnOfBusyPorts(const Config& config, std::vector<std::string>& warnings) {
  for (const auto& [setting, address] : PortsOf(config)) {
    const bool is_busy = IsListenedAt(address) ||
                         (setting == "sip-listen" && IsReceivedAt(address));
    if (!is_busy) continue;
    warnings.push_back("--" + setting + ": " + address +
                       " is in use now, which is right only if this account's "
                       "daemon runs there");
  }
}

absl::Status CheckToken(const Config& config) {
  if (config.pbx_http_token.empty()) return absl::OkStatus();
  return config.Of("pbx-http-token",
                   AccessToken::Read(config.pbx_http_token).status());
}

}  // namespace

Mistakes CheckStart(const Config& config) {
  Mistakes mistakes;
  mistakes.Add(CheckDataDir(config));
  mistakes.Add(CheckSockets(config));
  mistakes.Add(CheckPorts(config));
  mistakes.Add(CheckApiTlsFiles(ApiTlsFilesOf(config)));
  mistakes.Add(CheckToken(config));
  mistakes.Add(CheckReadyFile(config));
  return mistakes;
}

std::vector<std::string> StartWarnings(const Config& config) {
  AsioEventLoop loop;
  OwnAddresses addresses(loop, config.federation_listen, HostInNetwork, [] {});
  addresses.Set(config.advertise);
  auto warnings =
      federation::ReachWarnings(SettingsFrom(config, addresses.addresses()));
  for (std::string& warning : DoorWarnings(config)) {
    warnings.push_back(std::move(warning));
  }
  WarnOfBusyPorts(config, warnings);
  return warnings;
}

}  // namespace interlink::daemon
