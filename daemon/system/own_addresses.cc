#include "daemon/system/own_addresses.h"

#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "daemon/system/host_of_socket.h"
#include "daemon/system/machine_hosts.h"
#include "federation/base/host.h"

namespace interlink::daemon {
namespace {

constexpr std::chrono::seconds kLookAgainAfter{10};

// The address that this machine uses towards the outside. Sends nothing.
std::string DefaultRouteHost() {
  for (const bool is_v6 : {false, true}) {
    addrinfo hints{};
    hints.ai_family = is_v6 ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* target = nullptr;
    // Addresses reserved for documentation, which belong to nobody.
    if (getaddrinfo(is_v6 ? "2001:db8::1" : "192.0.2.1", "9", &hints,
                    &target) != 0) {
      continue;
    }
    const int probe = socket(target->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    auto* const address = reinterpret_cast<sockaddr*>(&own);
    const bool is_known =
        probe >= 0 &&
        connect(probe, target->ai_addr, target->ai_addrlen) == 0 &&
        getsockname(probe, address, &size) == 0;
    if (probe >= 0) close(probe);
    freeaddrinfo(target);
    if (std::string host = is_known ? HostOfSocket(address) : "";
        !host.empty()) {
      return host;
    }
  }
  return "";
}

}  // namespace

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
    return "localhost";
  }
  return name;
}

std::string HostInNetwork() {
  std::string host = DefaultRouteHost();
  if (!host.empty()) return host;
  const auto hosts = HostsOfMachine();
  return !hosts.ok() || hosts->empty() ? "" : hosts->front();
}

OwnAddresses::OwnAddresses(federation::EventLoop& loop, std::string bound,
                           std::function<std::string()> look,
                           std::function<void()> on_change)
    : loop_(loop),
      bound_(std::move(bound)),
      look_(std::move(look)),
      on_change_(std::move(on_change)) {}

void OwnAddresses::Set(const std::vector<std::string>& advertise) {
  timer_.reset();
  if (advertise == std::vector<std::string>{"none"}) {
    addresses_.clear();
  } else if (!advertise.empty()) {
    addresses_ = advertise;
  } else if (!IsBoundToAll()) {
    addresses_ = {bound_};
  } else {
    addresses_.clear();
    Look();
    if (addresses_.empty()) {
      spdlog::warn(
          "this machine has no address that other accounts could reach, so no "
          "key can be generated: it is looked for every {} s, or named with "
          "--advertise",
          kLookAgainAfter.count());
    }
  }
}

bool OwnAddresses::IsBoundToAll() const {
  const auto host =
      federation::Host::Parse(bound_.substr(0, bound_.rfind(':')));
  return host.ok() && host->IsUnspecified();
}

void OwnAddresses::Look() {
  const std::string host = look_();
  if (!host.empty()) addresses_ = {host + bound_.substr(bound_.rfind(':'))};
  timer_ = loop_.After(kLookAgainAfter, [this] { LookAgain(); });
}

void OwnAddresses::LookAgain() {
  const std::vector<std::string> before = addresses_;
  Look();
  if (addresses_ == before) return;
  spdlog::info("other accounts now reach this daemon at {}",
               addresses_.front());
  on_change_();
}

}  // namespace interlink::daemon
