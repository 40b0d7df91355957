#include "daemon/peer/accept/peer_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "daemon/peer/accept/received_bytes.h"

namespace interlink::daemon {

PeerConnection::~PeerConnection() { close(duplicate_); }

uint64_t PeerConnection::TakeArrived(federation::SteadyTime now) {
  const uint64_t arrived = ReceivedBytes(duplicate_);
  if (arrived <= arrived_) return 0;
  arrived_at_ = now;
  return arrived - std::exchange(arrived_, arrived);
}

int64_t PeerConnection::CountStreams() {
  return socket ? StreamCounts::OpenOn(*socket).value_or(0) : 0;
}

void PeerConnection::Close() {
  if (!std::exchange(stands_, false)) return;
  shutdown(duplicate_, SHUT_RDWR);
}

void PeerConnection::Break() {
  if (!std::exchange(stands_, false)) return;
  // connect(2): dissolves the association, which resets the connection.
  const sockaddr nowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
  if (connect(duplicate_, &nowhere, sizeof(nowhere)) != 0) {
    shutdown(duplicate_, SHUT_RDWR);
  }
}

}  // namespace interlink::daemon
