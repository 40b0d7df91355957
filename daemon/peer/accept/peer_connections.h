#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "daemon/net/connection_places.h"
#include "daemon/net/once_per_source.h"
#include "daemon/peer/accept/arrival_watch.h"
#include "daemon/peer/accept/linked_connections.h"
#include "daemon/peer/accept/peer_connection.h"
#include "daemon/peer/accept/source_strikes.h"
#include "daemon/peer/accept/stream_counts.h"
#include "daemon/peer/accept/unlinked_connections.h"
#include "federation/base/event_loop.h"
#include "store/ids.h"

namespace interlink::daemon {

// The federation connections: where each comes from, which link speaks over it,
// and how much useless work it makes (design.md sections 3 and 15).
//
// gRPC owns them and reports neither their end nor their bytes. So a duplicate
// of each descriptor is watched on a thread of its own, and used to end the
// connection. UnlinkedConnections, then LinkedConnections judge it.
// Threading: thread-safe. Lifetime: `loop` must outlive it.
class PeerConnections {
 public:
  struct Limits {
    ConnectionPlaces::Limits places;  // Those without a link are silent.
    federation::Duration unlinked;
  };
  // Called on the loop, perhaps after this was destroyed.
  struct Observer {
    // The link's first connection. If there is no such link, call ForgetLink().
    std::function<void(store::InterlinkId)> linked;
    // The link has flooded this daemon and is backed off.
    std::function<void(store::InterlinkId)> flooded;
  };

  PeerConnections(federation::EventLoop& loop, const Limits& limits,
                  Observer observer);

  // Notes a connection before gRPC gets it; false if it has to be closed.
  // Limits and logs go by `from`, which is not its other end if that is a
  // proxy.
  bool Add(boost::asio::ip::tcp::socket& socket,
           const boost::asio::ip::tcp::endpoint& from);

  // Who is behind the connection from `source`; itself unless that is a proxy.
  std::string OriginOf(const std::string& source) const;

  // The link that speaks over the connection from `source`, if any.
  std::optional<store::InterlinkId> LinkOf(const std::string& source) const;

  // The link's peer has sent something from `source` (see SourceOf()) that was
  // answered or accepted, and pays for so many bytes: see TrafficDebt.
  void Accepted(const std::string& source, store::InterlinkId link,
                uint64_t paid);

  // The link is gone: its connections are unlinked again.
  void ForgetLink(store::InterlinkId id);

  // Ends all of them, unread or not.
  void BreakAll() ABSL_LOCKS_EXCLUDED(mutex_);

  int open() const { return open_; }
  uint64_t refused() const { return refused_; }  // Over a bound.
  uint64_t timed_out() const;                    // Never linked.
  uint64_t broken_off() const;                   // For what came over them.

 private:
  using Duplicate = int;  // The descriptor that we keep.
  bool Look(Duplicate descriptor);
  uint64_t Charge(PeerConnection& connection)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Ended(Duplicate descriptor);
  std::optional<federation::SteadyTime> Round();

  bool Admits(const std::string& network, federation::SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BoundStreams(federation::SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refuse(const std::string& network) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t BrokenOff() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReportBackedOff() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Post(const std::function<void(store::InterlinkId)>& what,
            store::InterlinkId id);

  federation::EventLoop& loop_;
  const Observer observer_;
  mutable absl::Mutex mutex_;
  StreamCounts counts_ ABSL_GUARDED_BY(mutex_);
  ConnectionPlaces places_ ABSL_GUARDED_BY(mutex_);
  SourceStrikes strikes_ ABSL_GUARDED_BY(mutex_);
  OncePerSource logged_ ABSL_GUARDED_BY(mutex_);
  UnlinkedConnections unlinked_ ABSL_GUARDED_BY(mutex_);
  LinkedConnections linked_ ABSL_GUARDED_BY(mutex_);
  std::map<Duplicate, std::unique_ptr<PeerConnection>> connections_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, PeerConnection*> by_source_
      ABSL_GUARDED_BY(mutex_);
  federation::SteadyTime next_count_ ABSL_GUARDED_BY(mutex_);
  // Without proxies, OriginOf() takes no lock.
  std::atomic<int> proxied_{0};
  std::atomic<int> open_{0};
  std::atomic<uint64_t> refused_{0};
  ArrivalWatch watch_;  // Last: its thread uses all of the above.
};

}  // namespace interlink::daemon
