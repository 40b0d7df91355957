#include "daemon/peer_connections.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address_v6.hpp>
#include <cstdlib>
#include <utility>

#include "daemon/received_bytes.h"
#include "daemon/source_network.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;

// A handshake, a Redeem and some Terminates fit. What a stranger sends beyond
// it is a flood: gRPC 1.51 keeps 14 KB for each stream that is begun and reset
// (CVE-2023-44487), and headers that never end (CVE-2024-27316).
constexpr uint64_t kMaxUnlinkedBytes = 64 * 1024;
constexpr std::chrono::milliseconds kGreedyInterval{20};
constexpr std::chrono::seconds kGreedyBan{60};

int NewEpoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) std::abort();
  return descriptor;
}

void Replace(std::string& text, std::string_view what, std::string_view with) {
  const size_t at = text.find(what);
  if (at != text.npos) text.replace(at, what.size(), with);
}

}  // namespace

std::string SourceOf(const std::string& grpc_peer) {
  std::string source = grpc_peer.substr(grpc_peer.find(':') + 1);
  if (grpc_peer.starts_with("ipv6:")) {
    Replace(source, "%5B", "[");
    Replace(source, "%5D", "]");
    // The interface of a link-local address.
    const size_t scope = source.find('%');
    if (scope != source.npos) source.erase(scope, source.find(']') - scope);
  }
  return source;
}

std::string SourceOf(const tcp::endpoint& endpoint) {
  const auto address = PlainAddress(endpoint.address());
  const std::string port = ":" + std::to_string(endpoint.port());
  if (address.is_v4()) return address.to_string() + port;
  const boost::asio::ip::address_v6 unscoped(address.to_v6().to_bytes());
  return "[" + unscoped.to_string() + "]" + port;
}

PeerConnections::PeerConnections(boost::asio::io_context& context,
                                 federation::EventLoop& loop,
                                 const Limits& limits)
    : loop_(loop), limits_(limits), ends_(context, NewEpoll()) {
  WatchForEnds();
}

PeerConnections::~PeerConnections() {
  for (const auto& [descriptor, connection] : connections_) close(descriptor);
}

bool PeerConnections::HasRoomFor(const std::string& network) const {
  if (open_ >= limits_.in_all || banned_.contains(network)) return false;
  const auto found = by_network_.find(network);
  return found == by_network_.end() || found->second < limits_.per_source;
}

bool PeerConnections::Add(tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return false;  // It is gone already.
  const std::string network = NetworkOf(remote.address());
  std::erase_if(banned_, [now = loop_.Now()](const auto& banned) {
    return banned.second <= now;
  });
  const int descriptor = HasRoomFor(network)
                             ? fcntl(socket.native_handle(), F_DUPFD_CLOEXEC, 0)
                             : -1;
  if (descriptor < 0) {
    ++refused_;
    return false;
  }
  const std::string source = SourceOf(remote);
  // No events but those that are always reported: error and hang-up.
  epoll_event event{.events = 0, .data = {.fd = descriptor}};
  if (epoll_ctl(ends_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) !=
      0) {
    close(descriptor);
    ++refused_;
    return false;
  }
  connections_[descriptor] = {source, network, next_number_};
  ++by_network_[network];
  ++open_;
  {
    absl::MutexLock lock(&mutex_);
    unlinked_[source] = descriptor;
    unlinked_count_ = unlinked_.size();
  }
  overdue_[next_number_++] = {loop_.Now() + limits_.unlinked, descriptor,
                              source};
  AwaitOverdue();
  AwaitGreedy();
  return true;
}

void PeerConnections::MarkLinked(const std::string& source) {
  if (unlinked_count_ == 0) return;
  absl::MutexLock lock(&mutex_);
  unlinked_.erase(source);
  unlinked_count_ = unlinked_.size();
}

void PeerConnections::WatchForEnds() {
  ends_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        if (error || alive.expired()) return;
        ForgetEnded();
        WatchForEnds();
      });
}

void PeerConnections::ForgetEnded() {
  std::array<epoll_event, 64> events;
  int count = 0;
  do {
    count = epoll_wait(ends_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) {
      Forget(events[static_cast<size_t>(i)].data.fd);
    }
  } while (count == static_cast<int>(events.size()));
}

void PeerConnections::Forget(int descriptor) {
  const auto connection = connections_.extract(descriptor);
  // Closing does not take it out of the epoll while gRPC's own is open.
  epoll_ctl(ends_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
  close(descriptor);
  --open_;
  overdue_.erase(connection.mapped().number);
  const auto network = by_network_.find(connection.mapped().network);
  if (--network->second == 0) by_network_.erase(network);
  absl::MutexLock lock(&mutex_);
  const auto found = unlinked_.find(connection.mapped().source);
  // The same port may have connected anew.
  if (found != unlinked_.end() && found->second == descriptor) {
    unlinked_.erase(found);
    unlinked_count_ = unlinked_.size();
  }
}

void PeerConnections::AwaitOverdue() {
  if (overdue_.empty() || overdue_timer_ != nullptr) return;
  overdue_timer_ =
      loop_.After(overdue_.begin()->second.time - loop_.Now(), [this] {
        overdue_timer_.reset();
        CloseOverdue();
        AwaitOverdue();
      });
}

void PeerConnections::AwaitGreedy() {
  if (unlinked_count_ == 0 || greedy_timer_ != nullptr) return;
  greedy_timer_ = loop_.After(kGreedyInterval, [this] {
    greedy_timer_.reset();
    CloseGreedy();
    AwaitGreedy();
  });
}

void PeerConnections::CloseGreedy() {
  const federation::SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  for (const auto& [source, descriptor] : unlinked_) {
    if (ReceivedBytes(descriptor) <= kMaxUnlinkedBytes) continue;
    banned_[connections_.at(descriptor).network] = now + kGreedyBan;
    shutdown(descriptor, SHUT_RDWR);
  }
}

void PeerConnections::CloseOverdue() {
  const federation::SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  for (; !overdue_.empty() && overdue_.begin()->second.time <= now;
       overdue_.erase(overdue_.begin())) {
    const Overdue& due = overdue_.begin()->second;
    const auto found = unlinked_.find(due.source);
    if (found == unlinked_.end() || found->second != due.descriptor) continue;
    ++timed_out_;
    // gRPC sees the end of the stream, closes its side, and the hang-up comes
    // here.
    shutdown(due.descriptor, SHUT_RDWR);
  }
}

}  // namespace interlink::daemon
