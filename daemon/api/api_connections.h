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
// Threading: thread-safe; constructed and destroyed on the loop, or while it
// does not run. Lifetime: the loop must outlive it, and it the server.
class ApiConnections {
 public:
  // Errors: CannotListen().
  static absl::StatusOr<std::unique_ptr<ApiConnections>> Listen(
      AsioEventLoop& loop, const std::string& address);

  // Who serves them.
  void ServeBy(
      std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server);

  // Accepts no more. Returns when none is on its way to the server any more.
  void Close() ABSL_LOCKS_EXCLUDED(handing_over_);

  // Ends those that the server has.
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
  void Accepted(boost::asio::ip::tcp::socket socket)
      ABSL_LOCKS_EXCLUDED(handing_over_);
  bool Place(const std::string& source, const std::string& network,
             HangUps::Duplicate duplicate) ABSL_LOCKS_EXCLUDED(mutex_);
  void Ended(HangUps::Duplicate duplicate) ABSL_LOCKS_EXCLUDED(mutex_);

  std::string address_;
  std::unique_ptr<TcpAcceptor> acceptor_;
  HangUps hang_ups_;
  AsioEventLoop& loop_;

  // Taken before the other one.
  absl::Mutex handing_over_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_
      ABSL_GUARDED_BY(handing_over_);  // Until Close().

  mutable absl::Mutex mutex_;
  ConnectionPlaces places_ ABSL_GUARDED_BY(mutex_);
  TurnedAway turned_away_ ABSL_GUARDED_BY(mutex_);
  std::map<HangUps::Duplicate, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  // Those over which no call has come.
  absl::flat_hash_map<std::string, HangUps::Duplicate> silent_
      ABSL_GUARDED_BY(mutex_);
  // Its size, so that calls take no lock while all connections are in use.
  std::atomic<size_t> silent_count_{0};
  // What is posted finds this gone after the destruction.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::daemon
