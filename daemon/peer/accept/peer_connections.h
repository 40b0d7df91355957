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

// The federation connections that stand: from where, which link speaks over
// them, and what each makes this daemon do for nothing (design.md sections 3
// and 15).
//
// gRPC owns them and tells neither when they end nor what arrives. So a copy of
// each descriptor is kept, watched on a thread of its own, and used to end it.
// UnlinkedConnections rule until a link speaks, LinkedConnections afterwards.
// Threading: thread-safe. Lifetime: `loop` must outlive it.
class PeerConnections {
 public:
  struct Limits {
    ConnectionPlaces::Limits places;  // Without a link it is a silent one.
    federation::Duration unlinked;
  };
  // Who hears of links, on the loop; perhaps after this was destroyed.
  struct Observer {
    // Its first connection; if there is no such link, ForgetLink() is due.
    std::function<void(store::InterlinkId)> linked;
    // That link has flooded this daemon and is backed off.
    std::function<void(store::InterlinkId)> flooded;
  };

  PeerConnections(federation::EventLoop& loop, const Limits& limits,
                  Observer observer);
  ~PeerConnections();

  // Takes note of a connection that is about to be handed to gRPC; false if it
  // is one too many and has to be closed. It comes `from` there, as far as
  // limits and logs go: behind a proxy that is not its other end.
  bool Add(boost::asio::ip::tcp::socket& socket,
           const boost::asio::ip::tcp::endpoint& from);

  // Where the connection from `source` comes from, "host:port": the same again,
  // but for connections of proxies.
  std::string OriginOf(const std::string& source) const;

  // `bytes` of what came from `source`, as SourceOf() writes it, were a call of
  // the link's peer that was answered, or a message of its session.
  void Accepted(const std::string& source, store::InterlinkId link,
                size_t bytes);

  // There is no such link any more: nothing speaks for its connections.
  void ForgetLink(store::InterlinkId id);

  int open() const { return open_; }
  uint64_t refused() const { return refused_; }  // Over a bound.
  uint64_t timed_out() const;                    // Never linked.
  uint64_t broken_off() const;                   // For what came over them.

 private:
  using Duplicate = int;  // The descriptor that is kept.
  bool Look(Duplicate descriptor);
  uint64_t Judge(PeerConnection& connection)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Ended(Duplicate descriptor);
  std::optional<federation::SteadyTime> Round();

  bool Admits(const std::string& network, federation::SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BoundStreams(federation::SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refuse(const std::string& network) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint64_t BrokenOff() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(federation::SteadyTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack(federation::SteadyTime now);
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
  uint64_t seen_broken_off_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<federation::SteadyTime> trim_at_ ABSL_GUARDED_BY(mutex_);
  // So that OriginOf() takes no lock while there is no proxy.
  std::atomic<int> proxied_{0};
  std::atomic<int> open_{0};
  std::atomic<uint64_t> refused_{0};
  ArrivalWatch watch_;  // The last: its thread uses all of the above.
};

}  // namespace interlink::daemon
