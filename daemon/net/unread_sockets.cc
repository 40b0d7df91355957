#include "daemon/net/unread_sockets.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <vector>

namespace interlink::daemon {
namespace {

// How often the sockets are looked at while one of them has patience.
constexpr int kLooks = 6;

// Bytes that the other end of a TCP connection has yet to acknowledge; memory
// that waits for the reader of a unix socket. 0 if it has ended.
int UnsentOf(int socket) {
  int bytes = 0;
  return ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

}  // namespace

void UnreadSockets::Add(int socket) {
  unsent_[socket] = {.bytes = 0, .since = loop_.Now()};
  if (timer_ == nullptr) Look();
}

void UnreadSockets::Look() {
  const federation::SteadyTime now = loop_.Now();
  std::vector<int> found;
  for (auto& [socket, unsent] : unsent_) {
    const int bytes = UnsentOf(socket);
    if (bytes == 0 || bytes != unsent.bytes) {
      unsent = {.bytes = bytes, .since = now};
    } else if (now - unsent.since >= patience_) {
      found.push_back(socket);
    }
  }
  for (const int socket : found) {
    Remove(socket);
    found_(socket);
  }
  timer_ = unsent_.empty()
               ? nullptr
               : loop_.After(patience_ / kLooks, [this] { Look(); });
}

}  // namespace interlink::daemon
