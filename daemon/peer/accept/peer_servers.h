#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/peer/accept/federation_service.h"
#include "daemon/tls/tls_identity.h"

namespace interlink::daemon {

// The gRPC server of FederationService, for connections that PeerListener has
// accepted. A new connection is shown the current leaf of `identity`.
//
// gRPC 1.51 takes a new certificate for a server only from files, which it
// looks at by the time of day: not at all after a clock was set back. So every
// leaf gets a server of its own. The former leaf's server keeps its connections
// until the next renewal.
//
// Threading: HandOver() on the loop; Start() before the loop runs or on it;
// Shutdown() on any other thread, while the loop runs.
// Lifetime: the arguments must outlive it.
class PeerServers {
 public:
  // A connection has `handshake_timeout` to finish its TLS handshake.
  // `counts_streams`: whether StreamCounts knows of it.
  PeerServers(const TlsIdentity& identity, FederationService& service,
              std::chrono::milliseconds handshake_timeout, bool counts_streams);
  ~PeerServers();
  PeerServers(const PeerServers&) = delete;
  PeerServers& operator=(const PeerServers&) = delete;

  // Errors: UNAVAILABLE if gRPC cannot serve.
  absl::Status Start();

  // Serves `socket`, which must be non-blocking, or closes it after Shutdown().
  void HandOver(boost::asio::ip::tcp::socket socket);

  // Ends all connections; calls under way may end until `deadline`. Returns
  // when they have ended. May be repeated.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  struct Server {
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
    std::unique_ptr<grpc::Server> server;
    uint64_t serial;  // Of the leaf that it shows.
  };

  std::unique_ptr<Server> Build() const;
  void Renew(uint64_t serial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Retire(std::unique_ptr<Server> server)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShutDownRetired() ABSL_LOCKS_EXCLUDED(mutex_);

  const TlsIdentity& identity_;
  FederationService& service_;
  const std::chrono::milliseconds handshake_timeout_;
  const bool counts_streams_;
  absl::Mutex mutex_;
  // Both are null after Shutdown().
  std::unique_ptr<Server> current_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Server> former_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Server>> retired_ ABSL_GUARDED_BY(mutex_);
  bool is_retiring_ ABSL_GUARDED_BY(mutex_) = false;
  // Started by HandOver(), joined after the last of these.
  std::thread retirement_;
};

}  // namespace interlink::daemon
