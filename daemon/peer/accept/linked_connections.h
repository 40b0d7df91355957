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

// The connections over which linked accounts speak, and what each account owes
// for what it sends over all of its connections together. Who owes too much or
// holds too many streams is backed off: all of his connections are broken off,
// and for a while each new one as soon as it is known to be his.
//
// Threading: the caller's lock. Lifetime: the arguments must outlive it.
class LinkedConnections {
 public:
  static constexpr std::chrono::seconds kBackOff{60};
  // Of one link. A daemon of ours needs two.
  static constexpr size_t kMaxConnections = 16;
  static constexpr int64_t kMaxStreams = 512;
  // That a link has come from, for which places are kept.
  static constexpr size_t kMaxNetworks = 4;
  // Beside the bytes of a call or a message: what frames them.
  static constexpr uint64_t kFraming = 512;

  LinkedConnections(ConnectionPlaces& places, SourceStrikes& strikes)
      : places_(places), strikes_(strikes) {}

  // The link's peer speaks over it. If the link is backed off, the connection
  // is broken off instead, and its source gets a strike.
  void Add(PeerConnection& connection, store::InterlinkId id,
           federation::SteadyTime now);
  void Remove(PeerConnection& connection);

  // `arrived` bytes more have come over it.
  void Look(PeerConnection& connection, uint64_t arrived,
            federation::SteadyTime now);

  // Whether somebody owes so much that his streams have to be counted.
  bool IsActive() const { return !suspects_.empty(); }
  // Counts them; call it every few milliseconds while IsActive().
  void BoundStreams(federation::SteadyTime now);

  // There is no such link any more. The connections that it had.
  std::vector<PeerConnection*> Forget(store::InterlinkId id);

  bool Knows(store::InterlinkId id) const { return links_.contains(id); }
  // The links that were backed off since the last call.
  std::vector<store::InterlinkId> TakeBackedOff();
  uint64_t broken_off() const { return broken_off_; }

 private:
  struct Link {
    TrafficDebt debt;
    uint64_t uncounted = 0;  // What was not paid since streams were counted.
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
  // Whose streams are counted, and until when. Not all the time: it costs.
  std::map<store::InterlinkId, federation::SteadyTime> suspects_;
  std::vector<store::InterlinkId> backed_off_;
  uint64_t broken_off_ = 0;
};

}  // namespace interlink::daemon
