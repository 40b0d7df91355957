#include "daemon/http/pbx_http_door.h"

#include <utility>

#include "daemon/pbx/door_bounds.h"

namespace interlink::daemon {
namespace {

constexpr char kSetting[] = "--pbx-http-listen";

}  // namespace

PbxHttpDoor::PbxHttpDoor(federation::EventLoop& account_loop,
                         federation::Account& account, PbxAccess access)
    : pages_(thread_.loop(), account_loop, account, std::move(access)) {}

PbxHttpDoor::~PbxHttpDoor() { thread_.Stop(); }

absl::StatusOr<std::unique_ptr<PbxHttpDoor>> PbxHttpDoor::Open(
    federation::EventLoop& account_loop, federation::Account& account,
    PbxAccess access, const std::vector<federation::Host>& host_names,
    const std::string& address) {
  std::unique_ptr<PbxHttpDoor> door(
      new PbxHttpDoor(account_loop, account, std::move(access)));
  auto server =
      HttpServer::Start(door->thread_.loop(), door->pages_,
                        {.address = address,
                         .setting = kSetting,
                         .host_names = host_names,
                         .connections = kMaxDoorConnections,
                         .silent_per_source = kMaxSilentDoorConnections});
  if (!server.ok()) return server.status();
  door->server_ = *std::move(server);
  door->thread_.Start();
  return door;
}

void PbxHttpDoor::Reload(PbxAccess access,
                         std::vector<federation::Host> host_names) {
  thread_.loop().Post([this, access = std::move(access),
                       names = std::move(host_names)]() mutable {
    pages_.SetAccess(std::move(access));
    server_->SetHostNames(std::move(names));
  });
}

}  // namespace interlink::daemon
