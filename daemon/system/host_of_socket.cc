#include "daemon/system/host_of_socket.h"

#include <netdb.h>
#include <netinet/in.h>

namespace interlink::daemon {

std::string HostOfSocket(const sockaddr* address) {
  socklen_t size = sizeof(sockaddr_in);
  if (address->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&v6) || IN6_IS_ADDR_LOOPBACK(&v6)) return "";
    size = sizeof(sockaddr_in6);
  } else if (address->sa_family != AF_INET ||
             ntohl(reinterpret_cast<const sockaddr_in*>(address)
                       ->sin_addr.s_addr) >>
                     24 ==
                 IN_LOOPBACKNET) {
    return "";
  }
  char host[NI_MAXHOST] = {};
  if (getnameinfo(address, size, host, sizeof(host), nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return "";
  }
  return size == sizeof(sockaddr_in6) ? "[" + std::string(host) + "]" : host;
}

}  // namespace interlink::daemon
