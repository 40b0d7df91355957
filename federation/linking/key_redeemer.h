#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/base/api.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/base/observers.h"
#include "federation/base/randomness.h"
#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/authorization_key.h"
#include "federation/linking/key_entry.h"
#include "federation/linking/link_waiters.h"
#include "federation/linking/removal_outbox.h"
#include "federation/linking/settlement.h"
#include "federation/peer/address_rounds.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// The redeemer's half of linking (design.md section 6): asks the issuer of each
// key that was entered here until the issuer has settled it, also across
// restarts.
//
// Invariant: once Redeem may have been sent, only the pinned issuer's word, or
// the administrator's deletion, ends the attempt.
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class KeyRedeemer {
 public:
  KeyRedeemer(const AccountSettings& settings, const Identity& identity,
              Ledger& ledger, EventLoop& loop, Randomness& randomness,
              PeerClient& peers, const RemovalOutbox& outbox,
              Settlement& settlement, Counters& counters);

  // Enters a key. `done` is called once, never from within this call: when the
  // attempt is settled, or after `wait` with the row as it stands.
  void LinkAccount(const api::LinkAccountRequest& request, Duration wait,
                   LinkWaiters::Done done);

  void SetSessionRoute(SessionRoute route) {
    session_route_ = std::move(route);
  }

  // Answers whoever waits, now or later, with the rows as they stand: the
  // daemon stops. The attempts go on after the next start.
  void EndWaits() { waiters_.End(); }

 private:
  struct Attempt {
    AddressRounds rounds{std::chrono::milliseconds(500),
                         std::chrono::seconds(60)};
    std::unique_ptr<EventLoop::Timer> retry;
    bool is_noting_lost = false;
  };

  void Observe(store::InterlinkId id);
  // The account of that link has lost it. This is stored with the attempts to
  // be linked with it anew, because a restart forgets it.
  void NoteLost(const Row& lost);
  void TryAll(store::InterlinkId id);
  void TryNextAddress(store::InterlinkId id);
  v1::RedeemRequest MakeRequest(
      const AuthorizationKey& key, const Row& row,
      std::vector<v1::TerminateRequest> removals) const;
  // `carried`: the removals that the call has told the issuer of.
  void Answered(store::InterlinkId id, const std::string& address,
                const std::vector<store::InterlinkId>& carried,
                PeerAnswer<v1::RedeemResponse> answer);
  // No address of the issuer was reached.
  void MergeOrRetry(store::InterlinkId id, const absl::Status& why);
  void RetryLater(store::InterlinkId id, const absl::Status& why);
  void Refused(store::InterlinkId id, const absl::Status& status);
  // What a try has come to is stored, or `status` says why not. Tries again if
  // the attempt goes on.
  void Settled(store::InterlinkId id, const absl::Status& status);

  const AccountSettings& settings_;
  const Identity& identity_;
  Ledger& ledger_;
  EventLoop& loop_;
  Randomness& randomness_;
  PeerClient& peers_;
  const RemovalOutbox& outbox_;
  Settlement& settlement_;
  Counters& counters_;
  SessionRoute session_route_;
  KeyEntry entry_;
  LinkWaiters waiters_;
  std::map<store::InterlinkId, Attempt> attempts_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
