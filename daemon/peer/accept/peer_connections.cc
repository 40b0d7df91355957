#include "daemon/peer/accept/peer_connections.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "daemon/net/source_network.h"

namespace interlink::daemon {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kCountInterval{5};
// Counting takes at most one part in so many of a core.
constexpr int kCountShare = 4;

std::optional<federation::SteadyTime> Sooner(
    std::optional<federation::SteadyTime> a,
    std::optional<federation::SteadyTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

PeerConnections::PeerConnections(federation::EventLoop& loop,
                                 const Limits& limits, Observer observer)
    : loop_(loop),
      observer_(std::move(observer)),
      places_(limits.places),
      unlinked_(limits.unlinked, strikes_, logged_),
      linked_(places_, strikes_),
      watch_(loop, {.look = [this](int socket) { return Look(socket); },
                    .ended = [this](int socket) { Ended(socket); },
                    .round = [this] { return Round(); }}) {}

uint64_t PeerConnections::timed_out() const {
  absl::MutexLock lock(&mutex_);
  return unlinked_.timed_out();
}

uint64_t PeerConnections::broken_off() const {
  absl::MutexLock lock(&mutex_);
  return BrokenOff();
}

uint64_t PeerConnections::BrokenOff() const {
  return unlinked_.broken_off() + linked_.broken_off();
}

bool PeerConnections::Admits(const std::string& network,
                             federation::SteadyTime now) {
  return !strikes_.IsBanned(network, now) || places_.IsKept(network) ||
         places_.HasSettled(network);
}

std::string PeerConnections::OriginOf(const std::string& source) const {
  if (proxied_ == 0) return source;
  absl::MutexLock lock(&mutex_);
  const auto found = by_source_.find(source);
  return found == by_source_.end() ? source : found->second->origin;
}

std::optional<store::InterlinkId> PeerConnections::LinkOf(
    const std::string& source) const {
  absl::MutexLock lock(&mutex_);
  const auto found = by_source_.find(source);
  return found == by_source_.end() ? std::nullopt : found->second->link;
}

bool PeerConnections::Add(tcp::socket& socket, const tcp::endpoint& from) {
  boost::system::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return false;  // It has ended already.
  const std::string network = NetworkOf(from.address());
  const federation::SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  const int duplicate = Admits(network, now)
                            ? fcntl(socket.native_handle(), F_DUPFD_CLOEXEC, 0)
                            : -1;
  if (duplicate < 0) {
    Refuse(network);
    return false;
  }
  auto made = std::make_unique<PeerConnection>(duplicate, SourceOf(remote),
                                               SourceOf(from), network);
  PeerConnection& connection = *made;
  const auto place = places_.Take(network, now, [this, &connection] {
    mutex_.AssertHeld();
    Refuse(connection.network);
    connection.Close();
  });
  if (!place || !watch_.Add(duplicate)) {
    if (place) places_.Leave(*place);
    Refuse(network);
    return false;
  }
  connection.place = *place;
  unlinked_.Add(connection, now);
  by_source_[connection.source] = &connection;
  connections_[duplicate] = std::move(made);
  ++open_;
  if (connection.IsProxied()) ++proxied_;
  watch_.Wake();  // To learn when it is due.
  return true;
}

void PeerConnections::Refuse(const std::string& network) {
  ++refused_;
  if (!logged_.MayLog(network, loop_.Now())) return;
  spdlog::warn(
      "connections from {} are refused, or closed while nobody linked speaks "
      "over them, because there are too many; not told again of this source "
      "for ten minutes",
      network);
}

void PeerConnections::Accepted(const std::string& source,
                               store::InterlinkId link, uint64_t paid) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_source_.find(source);
  if (found == by_source_.end()) return;
  PeerConnection& connection = *found->second;
  if (connection.link == link) {
    connection.paid += paid;
    return;
  }
  if (connection.link) {
    linked_.Remove(connection);
  } else {
    unlinked_.Remove(connection);
    places_.Settle(connection.place);
  }
  if (!linked_.Knows(link)) Post(observer_.linked, link);
  linked_.Add(connection, link, loop_.Now());
}

void PeerConnections::ForgetLink(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  for (PeerConnection* connection : linked_.Forget(id)) {
    places_.Unsettle(connection->place, loop_.Now());
    unlinked_.Add(*connection, loop_.Now());
  }
  watch_.Wake();
}

void PeerConnections::BreakAll() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [duplicate, connection] : connections_) connection->Close();
}

bool PeerConnections::Look(Duplicate descriptor) {
  absl::MutexLock lock(&mutex_);
  PeerConnection& connection = *connections_.at(descriptor);
  return connection.stands() && Charge(connection) > 0;
}

uint64_t PeerConnections::Charge(PeerConnection& connection) {
  const federation::SteadyTime now = loop_.Now();
  const uint64_t arrived = connection.TakeArrived(now);
  if (connection.link) {
    linked_.Look(connection, arrived, now);
  } else {
    unlinked_.Look(connection, now);
  }
  return arrived;
}

void PeerConnections::Ended(Duplicate descriptor) {
  absl::MutexLock lock(&mutex_);
  const auto node = connections_.extract(descriptor);
  PeerConnection& connection = *node.mapped();
  // gRPC ends some floods itself, perhaps before anybody looked at them.
  if (connection.stands()) Charge(connection);
  places_.Leave(connection.place);
  if (connection.link) {
    linked_.Remove(connection);
  } else {
    unlinked_.Remove(connection);
  }
  // The same port may have connected anew.
  const auto found = by_source_.find(connection.source);
  if (found != by_source_.end() && found->second == &connection) {
    by_source_.erase(found);
  }
  --open_;
  if (connection.IsProxied()) --proxied_;
}

std::optional<federation::SteadyTime> PeerConnections::Round() {
  const federation::SteadyTime now = loop_.Now();
  absl::MutexLock lock(&mutex_);
  std::optional<federation::SteadyTime> next = unlinked_.CloseOverdue(now);
  if (unlinked_.IsActive(now) || linked_.IsActive()) {
    if (now >= next_count_) BoundStreams(now);
    next = Sooner(next, next_count_);
  }
  ReportBackedOff();
  return next;
}

void PeerConnections::BoundStreams(federation::SteadyTime now) {
  counts_.FindNew([this](const std::string& peer, StreamCounts::Socket socket) {
    mutex_.AssertHeld();
    const auto found = by_source_.find(SourceOf(peer));
    if (found != by_source_.end()) found->second->socket = socket;
  });
  unlinked_.BoundStreams(now);
  linked_.BoundStreams(now);
  next_count_ = now + std::max<federation::Duration>(
                          kCountInterval, kCountShare * (loop_.Now() - now));
}

void PeerConnections::ReportBackedOff() {
  for (const store::InterlinkId id : linked_.TakeBackedOff()) {
    Post(observer_.flooded, id);
  }
}

void PeerConnections::Post(const std::function<void(store::InterlinkId)>& what,
                           store::InterlinkId id) {
  loop_.Post([what, id] { what(id); });
}

}  // namespace interlink::daemon
