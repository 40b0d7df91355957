#include "daemon/peer/accept/received_bytes.h"

// Instead of <netinet/tcp.h>, whose tcp_info lacks the bytes received.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace interlink::daemon {

uint64_t ReceivedBytes(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
             ? info.tcpi_bytes_received
             : 0;
}

}  // namespace interlink::daemon
