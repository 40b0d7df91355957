#pragma once

#include <grpcpp/channel.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "daemon/tls_credentials.h"
#include "daemon/tls_identity.h"
#include "federation/event_loop.h"
#include "federation/peer_client.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

namespace interlink::daemon {

// A connection to a peer, made at the first call.
struct PeerChannel {
  PeerChannel() = default;
  PeerChannel(const PeerChannel&) = delete;
  PeerChannel& operator=(const PeerChannel&) = delete;
  ~PeerChannel() {
    if (check != nullptr) check->Abandon();
  }

  std::string key;
  std::shared_ptr<PeerCheck> check;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<federation::v1::FederationService::Stub> stub;
  federation::SteadyTime last_used;
};

// The connections to peers: one for each address and pin, kept for as long as
// it works and is used, at most kMost at a time.
//
// A channel whose peer could not be reached is dropped, so that there is
// exactly one attempt to connect for each call that finds no connection, and
// none behind the callers' backs.
// Threading: loop only. Lifetime: the arguments must outlive it; channels are
// shared with the calls that use them.
class PeerChannels {
 public:
  static constexpr size_t kMost = 12'000;

  PeerChannels(federation::EventLoop& loop, const TlsIdentity& identity);

  // `target.address` must have passed federation::CheckAddress().
  std::shared_ptr<PeerChannel> Find(const federation::PeerTarget& target);

  // A call over `channel` ended without a word from the peer.
  void Failed(const PeerChannel& channel);

  size_t size() const { return channels_.size(); }

 private:
  using Map = absl::flat_hash_map<std::string, std::shared_ptr<PeerChannel>>;

  std::shared_ptr<PeerChannel> Make(const federation::PeerTarget& target,
                                    std::string key);
  void DropOldest();
  void DropIdle();

  federation::EventLoop& loop_;
  const TlsIdentity& identity_;
  uint64_t serial_ = 0;  // Of the leaf that the channels show.
  Map channels_;
  std::unique_ptr<federation::EventLoop::Timer> idle_timer_;
};

}  // namespace interlink::daemon
