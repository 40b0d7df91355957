#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/net/once_per_source.h"
#include "daemon/peer/accept/peer_connection.h"
#include "daemon/peer/accept/source_strikes.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// The connections over which nobody has proved yet to be a link's peer. Each
// may send few bytes, hold few streams and stand for a while only. One that
// sends or holds too much is broken off, which is a strike against its source.
//
// Threading: the caller's lock.
class UnlinkedConnections {
 public:
  // A handshake and the largest Redeem fit.
  static constexpr uint64_t kMaxBytes = 32 * 1024;
  static constexpr int64_t kMaxStreams = 32;
  // Of one source, and in all; a stream takes some 13 KB. Beyond that, the
  // connections with the most streams are broken off.
  static constexpr int64_t kMaxStreamsPerSource = 512;
  static constexpr int64_t kMaxStreamsInAll = 1024;

  // `patience`: how long a connection may stand. The others must outlive it.
  UnlinkedConnections(federation::Duration patience, SourceStrikes& strikes,
                      OncePerSource& logged)
      : patience_(patience), strikes_(strikes), logged_(logged) {}

  void Add(PeerConnection& connection, federation::SteadyTime now);
  void Remove(PeerConnection& connection);

  // To be called when something has arrived.
  void Look(PeerConnection& connection, federation::SteadyTime now);

  // Whether gRPC may still open streams whose bytes have arrived.
  bool IsActive(federation::SteadyTime now) const {
    return now < active_until_;
  }
  // Counts the streams; call it every few milliseconds while IsActive().
  void BoundStreams(federation::SteadyTime now);

  // Closes the connections whose time is over, and returns when the next is
  // due.
  std::optional<federation::SteadyTime> CloseOverdue(
      federation::SteadyTime now);

  uint64_t timed_out() const { return timed_out_; }
  uint64_t broken_off() const { return broken_off_; }

 private:
  void BreakOff(PeerConnection& connection, const std::string& what,
                federation::SteadyTime now);
  // Breaks off the connections with the most streams until at most `most` of
  // their `streams` are left.
  void BreakGreediest(std::multimap<int64_t, PeerConnection*>& connections,
                      int64_t streams, int64_t most,
                      federation::SteadyTime now);

  const federation::Duration patience_;
  std::map<ConnectionPlaces::Id, PeerConnection*> connections_;
  std::deque<std::pair<federation::SteadyTime, ConnectionPlaces::Id>> due_;
  SourceStrikes& strikes_;
  OncePerSource& logged_;
  federation::SteadyTime active_until_;
  uint64_t timed_out_ = 0;
  uint64_t broken_off_ = 0;
};

}  // namespace interlink::daemon
