#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/ledger/context.h"
#include "federation/ledger/transaction.h"
#include "federation/linking/termination.h"
#include "federation/peer/address_rounds.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// How a link ends (design.md section 10): at once here, and at the peer as soon
// as either side can reach the other.
//
// Invariant: a deletion that was answered OK is never undone, and is told to
// the peer for 90 days, across restarts, until it has confirmed. Only days on
// which this daemon ran count, whatever date it takes them for. Threading: loop
// only.
class Removals {
 public:
  // Takes up the removals that are still to be delivered.
  // Errors: STORE_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Removals>> Open(const Context& context);
  ~Removals();

  // The administrator's deletion, by id, whatever the row has become.
  absl::Status DeleteInterlink(std::string_view id);

  // A peer's Terminate. OK whether or not it had an effect.
  // Errors: STORE_UNAVAILABLE; NOT_PERMITTED if it is the peer, but for the
  // dates of its certificate.
  absl::Status Terminate(const PeerCaller& caller,
                         const v1::TerminateRequest& request);

  // The same, said over a session of the link `session`, which may be gone here
  // already. `confirm`: also queues a confirmation, because the peer may be
  // unable to call this account again if the answer is lost.
  absl::Status TerminateOverSession(store::InterlinkId session,
                                    const v1::TerminateRequest& request,
                                    bool confirm);

  // How to tell a peer over a session; false if there is none.
  using OverSession = std::function<bool(
      const store::v1::Peer&, store::InterlinkId, const v1::TerminateRequest&,
      PeerClient::Done<v1::TerminateResponse>)>;
  void SetOverSession(OverSession over_session) {
    over_session_ = std::move(over_session);
  }
  // A session with that account stands: delivers what it is to be told.
  void PeerIsThere(store::AccountId account);

  // The pinned peer has answered LINK_TERMINATED to a call on this row.
  absl::Status RemovedByPeer(store::InterlinkId id);

  // How many removals their peers have not confirmed.
  size_t undelivered() const;

 private:
  struct Delivery {
    store::v1::OutboxRecord record;
    SteadyTime tried_from;  // The time since then is not in the record.
    AddressRounds rounds{std::chrono::milliseconds(500),
                         std::chrono::minutes(15)};
    std::unique_ptr<EventLoop::Timer> timer;
  };

  explicit Removals(const Context& context) : context_(context) {}
  absl::Status Delete(const Row& row);
  absl::Status TerminateBy(const Terminator& caller,
                           const v1::TerminateRequest& request, bool confirm);
  store::v1::OutboxRecord OutboxFor(const Row& row) const;

  absl::Status Load();
  // `is_found`: by reading, and not by the commit that wrote it.
  void Apply(const store::Change& change, bool is_found);
  void Deliver(store::InterlinkId id);
  void TryNextAddress(store::InterlinkId id);
  // Errors: STORE_UNAVAILABLE, and then it is delivered once more.
  absl::Status Delivered(store::InterlinkId id);
  void RetryLater(Delivery& delivery, store::InterlinkId id);
  Duration Tried(const Delivery& delivery) const;
  void NoteTried(const Delivery& delivery);
  // Confirmed, or given up: nothing more to tell the peer.
  absl::Status Settle(store::InterlinkId id, std::string_view kind,
                      std::string message);
  void SweepTombstones();

  Context context_;
  OverSession over_session_;
  std::map<store::InterlinkId, Delivery> deliveries_;
  std::unique_ptr<store::Database::Subscription> subscription_;
  std::unique_ptr<EventLoop::Timer> sweep_timer_;
};

}  // namespace interlink::federation
