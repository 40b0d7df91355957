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
  if (auto status = CheckFolder(config.data_dir); !status.ok()) {
    return config.Of("data-dir", status);
  }
  return absl::OkStatus();
}

absl::Status Twice(const Config& config, const Named& one, const Named& other) {
  return config.Of(other.first,
                   absl::InvalidArgumentError(other.second + " is taken by --" +
                                              one.first + " already"));
}

absl::Status CheckSockets(const Config& config) {
  std::vector<Named> sockets = {{"api-socket", config.api_socket}};
  if (!config.pbx_socket.empty()) {
    sockets.emplace_back("pbx-socket", config.pbx_socket);
  }
  std::string earlier;
  for (const Named& socket : sockets) {
    if (auto status = SocketPath::Check(socket.second); !status.ok()) {
      return config.Of(socket.first, status);
    }
    std::error_code error;
    const std::string place =
        std::filesystem::weakly_canonical(socket.second, error).string();
    if (place == earlier) return Twice(config, sockets.front(), socket);
    earlier = place;
  }
  return absl::OkStatus();
}

absl::Status CheckPorts(const Config& config) {
  std::vector<Named> ports = {{"federation-listen", config.federation_listen}};
  if (!config.api_listen.empty()) {
    ports.emplace_back("api-listen", config.api_listen);
  }
  if (config.http_listen != "none") {
    ports.emplace_back("http-listen", config.http_listen);
  }
  for (auto port = ports.begin(); port != ports.end(); ++port) {
    for (auto before = ports.begin(); before != port; ++before) {
      if (IsSamePlace(before->second, port->second)) {
        return Twice(config, *before, *port);
      }
    }
    if (auto status = CheckCanListen(port->second, IfInUse::kAllow);
        !status.ok()) {
      return config.Of(port->first, status);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStart(const Config& config) {
  if (auto status = CheckDataDir(config); !status.ok()) return status;
  if (auto status = CheckSockets(config); !status.ok()) return status;
  if (auto status = CheckPorts(config); !status.ok()) return status;
  if (!config.api_listen.empty()) {
    if (auto status = CheckApiTlsFiles(ApiTlsFilesOf(config)); !status.ok()) {
      return status;
    }
  }
  if (config.ready_file.empty()) return absl::OkStatus();
  return config.Of("ready-file", ReadyFile::Check(config.ready_file));
}

std::vector<std::string> StartWarnings(const Config& config) {
  AsioEventLoop loop;
  OwnAddresses addresses(loop, config.federation_listen, HostInNetwork, [] {});
  addresses.Set(config.advertise);
  return federation::ReachWarnings(SettingsFrom(config, addresses.addresses()));
}

}  // namespace interlink::daemon
