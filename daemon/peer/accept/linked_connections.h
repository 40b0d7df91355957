#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/net/connection_places.h"
#include "daemon/peer/accept/peer_connection.h"
#include "daemon/peer/accept/source_strikes.h"
#include "daemon/peer/accept/traffic_debt.h"
#include "federation/base/event_loop.h"
#include "store/ids.h"

namespace interlink::daemon {

// The connections over which linked accounts speak, and the debt of each
// account for the bytes that it sends over all of them together. An account
// that owes too much, or holds too many streams, is backed off: all its
// connections are broken off, and for a while each new one as soon as it is
// recognised.
//
// Threading: the caller's lock. Lifetime: the arguments must outlive it.
class LinkedConnections {
 public:
  static constexpr std::chrono::seconds kBackOff{60};
  // Of one link; our own daemon needs two.
  static constexpr size_t kMaxConnections = 16;
  static constexpr int64_t kMaxStreams = 512;
  // Of one link, for which places are kept.
  static constexpr size_t kMaxNetworks = 4;

  LinkedConnections(ConnectionPlaces& places, SourceStrikes& strikes)
      : places_(places), strikes_(strikes) {}

  // The peer of the link `id` speaks over the connection. If the link is backed
  // off, the connection is broken off, and its source gets a strike.
  void Add(PeerConnection& connection, store::InterlinkId id,
           federation::SteadyTime now);
  void Remove(PeerConnection& connection);

  // Charges the link for `arrived` more bytes.
  void Look(PeerConnection& connection, uint64_t arrived,
            federation::SteadyTime now);

  // Whether the streams of some link have to be counted, because of what it
  // owes.
  bool IsActive() const { return !suspects_.empty(); }
  // Counts them; call it every few milliseconds while IsActive().
  void BoundStreams(federation::SteadyTime now);

  // The link is gone. Returns the connections that it had.
  std::vector<PeerConnection*> Forget(store::InterlinkId id);

  bool Knows(store::InterlinkId id) const { return links_.contains(id); }
  // The links that were backed off since the last call.
  std::vector<store::InterlinkId> TakeBackedOff();
  uint64_t broken_off() const { return broken_off_; }

 private:
  struct Link {
    TrafficDebt debt;
    uint64_t uncounted = 0;  // Bytes not paid for since streams were counted.
    std::deque<PeerConnection*> connections;  // The oldest first.
    std::deque<std::string> networks;         // The latest last.
    federation::SteadyTime backed_off_until;
  };

  void KeepPlaces(Link& link, const std::string& network);
  void ReleasePlaces(Link& link);
  void BackOff(store::InterlinkId id, Link& link, federation::SteadyTime now);
  void Break(PeerConnection& connection);

  ConnectionPlaces& places_;
  SourceStrikes& strikes_;
  std::map<store::InterlinkId, Link> links_;
  // The links whose streams are counted, and until when. Counting costs too
  // much to do it all the time.
  std::map<store::InterlinkId, federation::SteadyTime> suspects_;
  std::vector<store::InterlinkId> backed_off_;
  uint64_t broken_off_ = 0;
};

}  // namespace interlink::daemon
