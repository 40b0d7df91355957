#include "daemon/peer/accept/unlinked_connections.h"

#include <spdlog/spdlog.h>

namespace interlink::daemon {
namespace {

// gRPC opens a stream within this time after its bytes have arrived, however
// busy it is.
constexpr std::chrono::seconds kUntilOpened{2};

}  // namespace

void UnlinkedConnections::Add(PeerConnection& connection,
                              federation::SteadyTime now) {
  connection.due = now + patience_;
  connection.unlinked_from = connection.arrived();
  connections_[connection.place] = &connection;
  due_.emplace_back(connection.due, connection.place);
}

void UnlinkedConnections::Remove(PeerConnection& connection) {
  connections_.erase(connection.place);
}

void UnlinkedConnections::Look(PeerConnection& connection,
                               federation::SteadyTime now) {
  active_until_ = now + kUntilOpened;
  const uint64_t sent = connection.arrived() - connection.unlinked_from;
  if (sent <= kMaxBytes) return;
  BreakOff(connection, "sent " + std::to_string(sent) + " bytes", now);
}

void UnlinkedConnections::BoundStreams(federation::SteadyTime now) {
  struct Source {
    int64_t streams = 0;
    std::multimap<int64_t, PeerConnection*> connections;
  };
  std::map<std::string, Source> sources;
  std::multimap<int64_t, PeerConnection*> all;
  int64_t in_all = 0;
  for (const auto& [place, connection] : connections_) {
    const int64_t streams =
        connection->stands() ? connection->CountStreams() : 0;
    if (streams > kMaxStreams) {
      BreakOff(*connection, "held " + std::to_string(streams) + " calls open",
               now);
    } else if (streams > 0) {
      Source& source = sources[connection->network];
      source.streams += streams;
      source.connections.emplace(streams, connection);
    }
  }
  for (auto& [network, source] : sources) {
    BreakGreediest(source.connections, source.streams, kMaxStreamsPerSource,
                   now);
    for (const auto& [streams, connection] : source.connections) {
      in_all += streams;
      all.emplace(streams, connection);
    }
  }
  BreakGreediest(all, in_all, kMaxStreamsInAll, now);
}

void UnlinkedConnections::BreakGreediest(
    std::multimap<int64_t, PeerConnection*>& connections, int64_t streams,
    int64_t most, federation::SteadyTime now) {
  while (streams > most) {
    const auto greediest = std::prev(connections.end());
    streams -= greediest->first;
    BreakOff(*greediest->second,
             "held " + std::to_string(greediest->first) + " calls open", now);
    connections.erase(greediest);
  }
}

void UnlinkedConnections::BreakOff(PeerConnection& connection,
                                   const std::string& what,
                                   federation::SteadyTime now) {
  if (!connection.stands()) return;
  connection.Break();
  ++broken_off_;
  strikes_.Add(connection.network, now);
  if (!logged_.MayLog(connection.network, now)) return;
  spdlog::warn(
      "broke off a connection from {}, which {} without being linked; not "
      "told again of this source for ten minutes",
      connection.origin, what);
}

std::optional<federation::SteadyTime> UnlinkedConnections::CloseOverdue(
    federation::SteadyTime now) {
  for (; !due_.empty(); due_.pop_front()) {
    const auto [due, place] = due_.front();
    if (due > now) return due;
    const auto found = connections_.find(place);
    // Since then it may have been linked and have lost its link.
    if (found == connections_.end() || found->second->due > now) continue;
    if (!found->second->stands()) continue;
    found->second->Close();
    ++timed_out_;
  }
  return std::nullopt;
}

}  // namespace interlink::daemon
