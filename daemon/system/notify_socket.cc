#include "daemon/system/notify_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

namespace interlink::daemon {
namespace {

// Where `name` leads, or nothing if it is no socket's name.
struct Address {
  sockaddr_un socket{};
  socklen_t length = 0;
};

std::optional<Address> AddressOf(const std::string& name) {
  Address address;
  address.socket.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof(address.socket.sun_path) ||
      (name[0] != '/' && name[0] != '@')) {
    return std::nullopt;
  }
  std::copy(name.begin(), name.end(), address.socket.sun_path);
  // An abstract name begins with a zero byte.
  if (name[0] == '@') address.socket.sun_path[0] = '\0';
  address.length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return address;
}

}  // namespace

bool SendReport(const std::string& name, const std::string& report) {
  const std::optional<Address> address = AddressOf(name);
  if (!address) {
    errno = EINVAL;
    return false;
  }
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const ssize_t sent = sendto(
      socket, report.data(), report.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
      reinterpret_cast<const sockaddr*>(&address->socket), address->length);
  const int error = errno;
  close(socket);
  errno = error;
  return sent >= 0;
}

}  // namespace interlink::daemon
