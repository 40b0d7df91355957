#pragma once

#include <memory>
#include <string>
#include <thread>

#include "daemon/peer/dial/grpc_peer_client.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/system/os_randomness.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "store/database.h"

namespace interlink::bench {

// An account inside the benchmark, linked with a daemon, so that the load can
// be made with its certificate and without its rules in the way.
class AccountAtRest {
 public:
  explicit AccountAtRest(const std::string& folder);
  ~AccountAtRest();

  // Enters the key; the id of the established row.
  store::InterlinkId Link(const std::string& key);

  federation::EventLoop& loop() { return loop_; }
  const daemon::TlsIdentity& tls() const { return *tls_; }
  const federation::Identity& identity() const { return *identity_; }
  // The peer that the row is pinned to.
  federation::PeerPin PinOf(store::InterlinkId id);

 private:
  daemon::AsioEventLoop loop_;
  daemon::OsRandomness randomness_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<federation::Identity> identity_;
  std::unique_ptr<daemon::TlsIdentity> tls_;
  std::unique_ptr<daemon::GrpcPeerClient> peers_;
  std::unique_ptr<federation::Account> account_;
  std::thread thread_;
};

}  // namespace interlink::bench
