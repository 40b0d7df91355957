#pragma once

#include <grpcpp/channel.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "daemon/peer/dial/address_race.h"
#include "daemon/peer/dial/host_lookup.h"
#include "daemon/system/asio_event_loop.h"
#include "daemon/tls/tls_credentials.h"
#include "daemon/tls/tls_identity.h"
#include "federation/base/event_loop.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.grpc.pb.h"

namespace interlink::daemon {

// A connection to a peer, made at the first call. For a host name, it is first
// found out which of the name's addresses answers.
struct PeerChannel {
  PeerChannel() = default;
  PeerChannel(const PeerChannel&) = delete;
  PeerChannel& operator=(const PeerChannel&) = delete;
  ~PeerChannel() {
    if (check != nullptr) check->Abandon();
  }

  // Runs `task` once there is a channel: now, or later on the loop, unless
  // `caller` has expired by then. Tasks run in their order.
  void WhenMade(std::weak_ptr<void> caller, absl::AnyInvocable<void()> task);
  bool IsAwaited() const;
  void SetChannel(std::shared_ptr<grpc::Channel> made);

  std::string key;
  std::shared_ptr<PeerCheck> check;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<federation::v1::FederationService::Stub> stub;
  federation::SteadyTime last_used;
  std::shared_ptr<AddressRace> race;  // Before there is a channel.

 private:
  struct Waiting {
    std::weak_ptr<void> caller;
    absl::AnyInvocable<void()> task;
  };
  std::vector<Waiting> waiting_;
};

// The connections to peers: one for each address and pin, kept for as long as
// it works and is used, at most kMost at a time.
//
// A channel whose peer could not be reached is dropped, so that each call that
// finds no connection makes exactly one attempt, and nobody else does. Each
// attempt looks up the host name anew, and finds the address that answers: gRPC
// itself would try one after the other, for seconds each, and calls would end
// before it comes to the third.
// Threading: loop only. Lifetime: the arguments must outlive it; channels are
// shared with the calls that use them.
class PeerChannels {
 public:
  static constexpr size_t kMost = 12'000;

  PeerChannels(AsioEventLoop& loop, const TlsIdentity& identity);

  // `target.address` must have passed federation::CheckAddress().
  std::shared_ptr<PeerChannel> Find(const federation::PeerTarget& target);

  // A call over `channel` ended without an answer from the peer.
  void Failed(const PeerChannel& channel);

  size_t size() const { return channels_.size(); }

 private:
  using Map = absl::flat_hash_map<std::string, std::shared_ptr<PeerChannel>>;

  std::shared_ptr<PeerChannel> Make(const federation::PeerTarget& target,
                                    std::string key);
  // Finds out which address of the name answers, and makes the channel to it.
  void Search(const std::shared_ptr<PeerChannel>& made, const std::string& host,
              const std::string& port);
  void Race(const std::shared_ptr<PeerChannel>& made,
            HostLookup::Endpoints endpoints);
  // Connects, or drops the channel if nobody waits any more.
  void ConnectAwaited(PeerChannel& made, const std::string& uri);
  void Connect(PeerChannel& made, const std::string& uri);
  void Drop(const PeerChannel& channel);
  void DropOldest();
  void DropIdle();

  AsioEventLoop& loop_;
  const TlsIdentity& identity_;
  HostLookup lookup_;
  uint64_t serial_ = 0;  // Of the leaf that the channels show.
  Map channels_;
  std::unique_ptr<federation::EventLoop::Timer> idle_timer_;
};

}  // namespace interlink::daemon
