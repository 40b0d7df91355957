#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/peer/address_rounds.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Tells the peer of a link over a session with it, of that link or of another;
// false if there is none.
using SessionRoute = std::function<bool(
    const store::v1::Peer&, store::InterlinkId, const v1::TerminateRequest&,
    PeerClient::Done<v1::TerminateResponse>)>;

// What peers have still to be told (design.md section 10): that this account
// has deleted a link, or that it knows of their deletion.
//
// Invariant: what a commit has added is told to its peer for 90 days, across
// restarts, until the peer has confirmed it. Only time in which this daemon ran
// counts, whatever its clock said.
// Threading: loop only. Lifetime: what is passed to Open() must outlive it.
class RemovalOutbox {
 public:
  // The most removals that one Redeem carries, so that its commit stays within
  // the limits of any engine.
  static constexpr int kMaxCarried = 16;

  // Takes up what is in the store. Errors: STORE_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<RemovalOutbox>> Open(
      const Identity& identity, Ledger& ledger, EventLoop& loop,
      Randomness& randomness, PeerClient& peers, Counters& counters);

  // Adds to `transaction` that the peer of `row` is told of its removal; if the
  // row is LINKING, of the end of the attempt.
  void AddRemoval(const Row& row, Transaction& transaction) const;
  // Adds to `transaction` that the peer, which has deleted the link, is told
  // that this account knows.
  void AddConfirmation(const Row& row, Transaction& transaction) const;
  // Adds to `transaction` that the links which `row` has replaced are over: its
  // peer may never have heard of it. Both of the above do that, too.
  void AddReplaced(const Row& row, Transaction& transaction) const;

  void SetSessionRoute(SessionRoute route) {
    session_route_ = std::move(route);
  }
  // A session with that account has begun: delivers what waits for its time.
  void DeliverTo(store::AccountId account);

  // What the peer of that link has still to be told; nullptr if nothing.
  const store::v1::OutboxRecord* Find(store::InterlinkId id) const;
  // What that account has still to be told, as far as one Redeem carries it.
  std::vector<v1::TerminateRequest> ToCarry(store::AccountId account) const;
  // Adds to `transaction` that the peer of that link knows. Returns whether
  // that was a removal. REQUIRES: Find(id) != nullptr.
  bool AddDelivered(store::InterlinkId id, Transaction& transaction) const;

  // How many removals their peers have not confirmed.
  size_t undelivered() const;
  // When the oldest of them was made; nullopt if there are none.
  std::optional<WallTime> oldest_undelivered() const;

 private:
  struct Delivery {
    store::v1::OutboxRecord record;
    SteadyTime tried_from;  // The time since then is not in the record.
    AddressRounds rounds{std::chrono::milliseconds(500),
                         std::chrono::minutes(15)};
    std::unique_ptr<EventLoop::Timer> next_round;  // nullptr during a round.
  };

  RemovalOutbox(const Identity& identity, Ledger& ledger, EventLoop& loop,
                Randomness& randomness, PeerClient& peers, Counters& counters);
  store::v1::OutboxRecord RecordFor(const Row& row) const;
  absl::Status Load();
  // `is_found`: at a start or a reopening, and not made by a commit just now.
  void Apply(const store::Change& change, bool is_found);
  void Deliver(store::InterlinkId id);
  void TryNextAddress(store::InterlinkId id);
  void Answered(store::InterlinkId id,
                const PeerAnswer<v1::TerminateResponse>& answer);
  void RetryLater(store::InterlinkId id, Delivery& delivery);
  Duration Tried(const Delivery& delivery) const;
  void StoreTried(const Delivery& delivery);
  // Nothing is left to tell the peer; if the store refuses, it is told again.
  void Delivered(store::InterlinkId id);
  void GiveUp(store::InterlinkId id);
  void Submit(store::InterlinkId id,
              absl::AnyInvocable<void(Transaction&)> decide,
              Decisions::Done done);
  void AddSettled(store::InterlinkId id, std::string_view kind,
                  std::string message, Transaction& transaction) const;

  const Identity& identity_;
  Ledger& ledger_;
  EventLoop& loop_;
  Randomness& randomness_;
  PeerClient& peers_;
  Counters& counters_;
  SessionRoute session_route_;
  std::map<store::InterlinkId, Delivery> deliveries_;
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
