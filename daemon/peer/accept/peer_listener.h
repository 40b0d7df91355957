#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/net/address_range.h"
#include "daemon/peer/accept/federation_service.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/tls/tls_identity.h"

namespace interlink::daemon {

// Where peers connect: serves FederationService and nothing else, over mutual
// TLS. Connections are accepted on the loop, and counted before gRPC sees them.
//
// Threading: loop only (before the loop runs, or after, is as good), but for
// Shutdown() and the counts. Lifetime: the arguments of Start() must outlive
// it.
class PeerListener {
 public:
  struct Options {
    // "host:port"; the port 0 is for the system to choose, "[::]" is for IPv4
    // too.
    std::string address = "0.0.0.0:7443";
    int max_connections = 10'000;
    // Over which no link speaks. A stranger's connection takes some 40 KB
    // before its handshake, and 105 KB after it: all of them 54 MB. Of more
    // peers that come at once, as after a restart, the others come again.
    int max_unlinked = 512;
    // The same, from one IPv4 address or IPv6 /64 network.
    int max_unlinked_per_source = 256;
    // Proxies that may say, in a PROXY header, for whom they connect.
    std::vector<AddressRange> trusted_proxies;
    // How long a TLS handshake may take, and a PROXY header before it.
    std::chrono::milliseconds handshake_timeout = std::chrono::seconds(5);
    // How long a new connection need not give way to another: a TLS handshake
    // and the first call take three round trips, of 150 ms across an ocean.
    std::chrono::milliseconds time_to_link{500};
    // How long a connection may stand before a linked account speaks over it.
    std::chrono::milliseconds unlinked_timeout = std::chrono::seconds(60);
    // Off only in a process with a thousand listeners, such as the bench: each
    // would count the streams of all.
    bool counts_streams = true;
  };

  // Errors: CannotListen(), or UNAVAILABLE if gRPC cannot serve.
  static absl::StatusOr<std::unique_ptr<PeerListener>> Start(
      AsioEventLoop& loop, const TlsIdentity& identity,
      FederationService& service, const Options& options);
  ~PeerListener();

  // "host:port" as the system has bound it.
  const std::string& bound_address() const;

  // Accepts no more and ends all connections; calls under way have a second to
  // be answered. Returns when they have ended. May be repeated.
  // Threading: not on the loop, which has to run meanwhile.
  void Shutdown();

  // For the metrics. Threading: any thread.
  int open_connections() const;
  uint64_t refused_connections() const;  // Beyond a bound.
  uint64_t unlinked_timeouts() const;
  uint64_t flooding_connections() const;  // That were broken off.

 private:
  class Acceptor;

  explicit PeerListener(std::shared_ptr<Acceptor> acceptor);

  // Shared with what is queued on the loop.
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace interlink::daemon
