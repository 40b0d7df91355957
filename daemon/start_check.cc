#include "daemon/start_check.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/api_credentials.h"
#include "daemon/config/account_settings.h"
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

Mistakes CheckSockets(const Config& config) {
  Mistakes mistakes;
  std::string earlier;
  for (const Named& socket : {Named("api-socket", config.api_socket),
                              Named("pbx-socket", config.pbx_socket)}) {
    if (socket.second.empty()) continue;
    const auto status = SocketPath::Check(socket.second);
    mistakes.Add(config.Of(socket.first, status));
    std::error_code error;
    const std::string place =
        std::filesystem::weakly_canonical(socket.second, error).string();
    if (status.ok() && !place.empty() && place == earlier) {
      mistakes.Add(Twice(config, {"api-socket", earlier}, socket));
    }
    earlier = place;
  }
  return mistakes;
}

absl::Status CheckPort(const Config& config, const std::vector<Named>& before,
                       const Named& port) {
  for (const Named& other : before) {
    if (IsSamePlace(other.second, port.second)) {
      return Twice(config, other, port);
    }
  }
  return config.Of(port.first, CheckCanListen(port.second, IfInUse::kAllow));
}

Mistakes CheckPorts(const Config& config) {
  Mistakes mistakes;
  std::vector<Named> before;
  for (const Named& port :
       {Named("federation-listen", config.federation_listen),
        Named("api-listen", config.api_listen),
        Named("http-listen", config.http_listen)}) {
    if (port.second.empty() || port.second == "none") continue;
    mistakes.Add(CheckPort(config, before, port));
    before.push_back(port);
  }
  return mistakes;
}

}  // namespace

Mistakes CheckStart(const Config& config) {
  Mistakes mistakes;
  mistakes.Add(CheckDataDir(config));
  mistakes.Add(CheckSockets(config));
  mistakes.Add(CheckPorts(config));
  mistakes.Add(CheckApiTlsFiles(ApiTlsFilesOf(config)));
  if (!config.ready_file.empty()) {
    mistakes.Add(config.Of("ready-file", ReadyFile::Check(config.ready_file)));
  }
  return mistakes;
}

std::vector<std::string> StartWarnings(const Config& config) {
  AsioEventLoop loop;
  OwnAddresses addresses(loop, config.federation_listen, HostInNetwork, [] {});
  addresses.Set(config.advertise);
  return federation::ReachWarnings(SettingsFrom(config, addresses.addresses()));
}

}  // namespace interlink::daemon
