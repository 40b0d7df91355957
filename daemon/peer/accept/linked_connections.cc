#include "daemon/peer/accept/linked_connections.h"

#include <algorithm>
#include <utility>

namespace interlink::daemon {
namespace {

// So many bytes may open streams before anybody counts them.
constexpr uint64_t kUncounted = 16 * 1024;
// gRPC opens a stream within this time after its bytes have arrived, however
// busy it is.
constexpr std::chrono::seconds kUntilOpened{2};

}  // namespace

void LinkedConnections::Add(PeerConnection& connection, store::InterlinkId id,
                            federation::SteadyTime now) {
  Link& link =
      links_.try_emplace(id, Link{.debt = TrafficDebt(now)}).first->second;
  // Nobody is charged for earlier bytes.
  connection.TakeArrived(now);
  connection.paid = 0;
  connection.link = id;
  link.connections.push_back(&connection);
  if (now < link.backed_off_until) {
    strikes_.Add(connection.network, now);
    Break(connection);
    return;
  }
  KeepPlaces(link, connection.network);
  const auto standing =
      std::count_if(link.connections.begin(), link.connections.end(),
                    [](const PeerConnection* each) { return each->stands(); });
  if (static_cast<size_t>(standing) <= kMaxConnections) return;
  const auto oldest =
      std::find_if(link.connections.begin(), link.connections.end(),
                   [](const PeerConnection* each) { return each->stands(); });
  (*oldest)->Close();
}

void LinkedConnections::Remove(PeerConnection& connection) {
  Link& link = links_.at(*connection.link);
  std::erase(link.connections, &connection);
  connection.link.reset();
}

void LinkedConnections::KeepPlaces(Link& link, const std::string& network) {
  if (std::count(link.networks.begin(), link.networks.end(), network) > 0) {
    return;
  }
  places_.Keep(network);
  link.networks.push_back(network);
  if (link.networks.size() <= kMaxNetworks) return;
  places_.Release(link.networks.front());
  link.networks.pop_front();
}

void LinkedConnections::ReleasePlaces(Link& link) {
  for (const std::string& network : std::exchange(link.networks, {})) {
    places_.Release(network);
  }
}

void LinkedConnections::Look(PeerConnection& connection, uint64_t arrived,
                             federation::SteadyTime now) {
  Link& link = links_.at(*connection.link);
  const uint64_t paid = std::exchange(connection.paid, 0);
  link.debt.Charge(arrived, paid, now);
  link.uncounted += arrived > paid ? arrived - paid : 0;
  if (link.debt.IsTooMuch()) {
    BackOff(*connection.link, link, now);
  } else if (link.uncounted > kUncounted) {
    // Time forgives bytes, but not streams that are left open.
    link.uncounted = 0;
    suspects_[*connection.link] = now + kUntilOpened;
  }
}

void LinkedConnections::BoundStreams(federation::SteadyTime now) {
  std::erase_if(suspects_, [&](const auto& suspect) {
    return suspect.second <= now || !links_.contains(suspect.first);
  });
  for (const auto& [id, until] : suspects_) {
    Link& link = links_.at(id);
    int64_t streams = 0;
    for (PeerConnection* connection : link.connections) {
      if (connection->stands()) streams += connection->CountStreams();
    }
    if (streams > kMaxStreams) BackOff(id, link, now);
  }
}

void LinkedConnections::BackOff(store::InterlinkId id, Link& link,
                                federation::SteadyTime now) {
  if (now >= link.backed_off_until) backed_off_.push_back(id);
  link.backed_off_until = now + kBackOff;
  link.debt = TrafficDebt(now);
  ReleasePlaces(link);
  for (PeerConnection* connection : link.connections) Break(*connection);
}

void LinkedConnections::Break(PeerConnection& connection) {
  if (!connection.stands()) return;
  connection.Break();
  ++broken_off_;
}

std::vector<PeerConnection*> LinkedConnections::Forget(store::InterlinkId id) {
  const auto node = links_.extract(id);
  if (node.empty()) return {};
  ReleasePlaces(node.mapped());
  for (PeerConnection* connection : node.mapped().connections) {
    connection->link.reset();
  }
  return {node.mapped().connections.begin(), node.mapped().connections.end()};
}

std::vector<store::InterlinkId> LinkedConnections::TakeBackedOff() {
  return std::exchange(backed_off_, {});
}

}  // namespace interlink::daemon
