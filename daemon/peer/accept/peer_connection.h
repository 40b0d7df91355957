#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/net/connection_places.h"
#include "daemon/peer/accept/stream_counts.h"
#include "federation/base/event_loop.h"
#include "store/ids.h"

namespace interlink::daemon {

// One federation connection, which gRPC owns: a duplicate of its descriptor,
// and what is known about it.
//
// Threading: one thread, or the caller's lock.
class PeerConnection {
 public:
  // Takes `duplicate`, and closes it at the end.
  PeerConnection(int duplicate, std::string remote, std::string from,
                 std::string from_network)
      : source(std::move(remote)),
        origin(std::move(from)),
        network(std::move(from_network)),
        duplicate_(duplicate) {}
  ~PeerConnection();
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  // How many bytes have arrived since the last call.
  uint64_t TakeArrived(federation::SteadyTime now);
  uint64_t arrived() const { return arrived_; }
  federation::SteadyTime arrived_at() const { return arrived_at_; }

  // Counts the streams that gRPC holds open for it; 0 before the handshake is
  // done.
  int64_t CountStreams();

  // Ends it: gRPC reads what has arrived, sees the end and closes its side.
  void Close();
  // Resets it. Bytes that have arrived are lost: gRPC would otherwise work at a
  // flood for seconds.
  void Break();
  // Neither Close() nor Break() has been called.
  bool stands() const { return stands_; }
  bool IsProxied() const { return source != origin; }

  const std::string source;   // "host:port", as SourceOf() writes it.
  const std::string origin;   // The same, or the address behind a proxy.
  const std::string network;  // See NetworkOf().
  ConnectionPlaces::Id place = 0;
  std::optional<store::InterlinkId> link;  // The link that speaks over it.
  uint64_t paid = 0;  // Of the arrived bytes; see TrafficDebt.
  std::optional<StreamCounts::Socket> socket;
  federation::SteadyTime due;  // When it has to be linked.
  uint64_t unlinked_from = 0;  // Bytes that had arrived when its link went.

 private:
  const int duplicate_;
  uint64_t arrived_ = 0;
  federation::SteadyTime arrived_at_;
  bool stands_ = true;
};

}  // namespace interlink::daemon
