#include "daemon/system/machine_hosts.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "daemon/system/host_of_socket.h"

namespace interlink::daemon {
namespace {

constexpr std::chrono::seconds kLookAgain{10};

}  // namespace

absl::StatusOr<std::vector<std::string>> HostsOfMachine() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) {
    return absl::UnavailableError(std::strerror(errno));
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(first,
                                                             freeifaddrs);
  std::vector<std::string> hosts;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const ifaddrs* i = first; i != nullptr; i = i->ifa_next) {
      if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != family ||
          (i->ifa_flags & IFF_RUNNING) == 0) {
        continue;
      }
      std::string host = HostOfSocket(i->ifa_addr);
      if (!host.empty()) hosts.push_back(std::move(host));
    }
  }
  return hosts;
}

MachineHosts::MachineHosts(federation::EventLoop& loop, Look look)
    : loop_(loop), look_(std::move(look)) {
  LookAgain();
}

void MachineHosts::LookAgain() {
  timer_ = loop_.After(kLookAgain, [this] { LookAgain(); });
  auto found = look_();
  if (!found.ok()) {
    if (!std::exchange(is_troubled_, true)) {
      spdlog::warn(
          "the system does not tell the addresses of this machine: {}; calls "
          "may be led back to the doors of its PBX at addresses that are new",
          std::string(found.status().message()));
    }
    return;
  }
  is_troubled_ = false;
  if (*found == hosts_) return;
  hosts_ = *std::move(found);
  on_change_();
}

}  // namespace interlink::daemon
