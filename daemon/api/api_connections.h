#pragma once

#include <grpcpp/server_builder.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/net/connection_places.h"
#include "daemon/net/hang_ups.h"
#include "daemon/net/tcp_acceptor.h"
#include "daemon/net/turned_away.h"
#include "daemon/system/asio_event_loop.h"

namespace interlink::daemon {

// The connections of the API over TCP: accepted on the loop, and handed to gRPC
// if there is a place. One over which no call has come gives its place up when
// too many stand.
//
// Threading: Heard() and the count from any thread, the rest loop only (before
// the loop runs, or after, is as good). Lifetime: the loop must outlive it, and
// it the server.
class ApiConnections {
 public:
  // Errors: CannotListen().
  static absl::StatusOr<std::unique_ptr<ApiConnections>> Listen(
      AsioEventLoop& loop, const std::string& address);

  // Who serves them; before the loop runs.
  void ServeBy(
      std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server);

  // Accepts no more.
  void Close();

  // Ends those that the server has. Thread-safe.
  void BreakAll() { hang_ups_.BreakAll(); }

  // A call has come from `peer`, as gRPC names it, that TLS has verified.
  void Heard(const std::string& peer);

  const std::string& address() const { return address_; }
  uint64_t turned_away() const;

 private:
  struct Connection {
    std::string source;  // "host:port".
    ConnectionPlaces::Id place;
  };

  explicit ApiConnections(AsioEventLoop& loop);
  void Accepted(boost::asio::ip::tcp::socket socket);
  bool Place(const std::string& source, const std::string& network,
             HangUps::Duplicate duplicate) ABSL_LOCKS_EXCLUDED(mutex_);
  void Ended(HangUps::Duplicate duplicate) ABSL_LOCKS_EXCLUDED(mutex_);

  std::string address_;
  std::unique_ptr<TcpAcceptor> acceptor_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_;
  HangUps hang_ups_;
  const AsioEventLoop& loop_;

  mutable absl::Mutex mutex_;
  ConnectionPlaces places_ ABSL_GUARDED_BY(mutex_);
  TurnedAway turned_away_ ABSL_GUARDED_BY(mutex_);
  std::map<HangUps::Duplicate, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  // Those over which no call has come.
  absl::flat_hash_map<std::string, HangUps::Duplicate> silent_
      ABSL_GUARDED_BY(mutex_);
  // Its size, so that calls take no lock while all connections are in use.
  std::atomic<size_t> silent_count_{0};
};

}  // namespace interlink::daemon
