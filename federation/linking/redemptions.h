#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/identity/verified_callers.h"
#include "federation/ledger/ledger.h"
#include "federation/ledger/peer_events.h"
#include "federation/linking/redeem_limiter.h"
#include "federation/linking/termination.h"
#include "federation/peer/link_budget.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Peers' attempts to redeem the keys of this account: who may use which key,
// decided once (design.md section 6, points 3 to 5).
//
// Invariants: a key makes at most one link; what a redeemer was answered he is
// answered again for as long as that link stands, and nobody else is; a caller
// without the key learns nothing about it.
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class Redemptions {
 public:
  Redemptions(const AccountSettings& settings, const Identity& identity,
              Ledger& ledger, EventLoop& loop, Randomness& randomness,
              const Termination& termination, Counters& counters);

  // A peer's Redeem. `done` gets the answer once what it says is stored; it may
  // be called at once.
  using Done = Ledger::Done<v1::RedeemResponse>;
  void Redeem(const PeerCaller& caller, const v1::RedeemRequest& request,
              Done done);

 private:
  struct Attempt;
  // What an attempt comes to.
  struct Verdict {
    absl::StatusOr<v1::RedeemResponse> answer;
    bool links = false;  // By this attempt, now.
    // To be told of a refusal; it has no kind if there is nothing to tell.
    store::v1::EventRecord event;

    // NOLINTNEXTLINE(google-explicit-constructor): it is an answer.
    Verdict(absl::StatusOr<v1::RedeemResponse> given)
        : answer(std::move(given)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): the same.
    Verdict(absl::Status refusal) : answer(std::move(refusal)) {}
  };

  // Checks the proof, then who the caller is.
  absl::StatusOr<Attempt> Authenticate(const PeerCaller& caller,
                                       const v1::RedeemRequest& request);
  absl::Status RefuseProof(const PeerCaller& caller);
  absl::Status Identify(const PeerCaller& caller,
                        const v1::RedeemRequest& request, Attempt& attempt);
  // Reads what is known of the key of the attempt.
  absl::Status Read(Attempt& attempt) const;
  Verdict Decide(const Attempt& attempt, Transaction& transaction) const;
  absl::Status CheckLinkable(const Attempt& attempt) const;
  Verdict Link(const Attempt& attempt, Transaction& transaction) const;
  void ApplyCarried(const Attempt& attempt, Transaction& transaction) const;
  // The link that stands with another account of the redeemer's id, if it does
  // not give way.
  const Row* FindOtherRoot(const Attempt& attempt,
                           const Transaction& transaction) const;
  // Adds to `transaction` that other links with the redeemer go, and says so in
  // `response`; `record`, of the new link, may take over a name.
  void ReplaceOthers(const Attempt& attempt, Transaction& transaction,
                     v1::RedeemResponse& response,
                     store::v1::InterlinkRecord& record) const;
  v1::RedeemResponse Answer() const;
  Verdict RefuseOtherRoot(const Attempt& attempt, const Row& other) const;
  Verdict RefuseReuse(const Attempt& attempt) const;

  const AccountSettings& settings_;
  const Identity& identity_;
  Ledger& ledger_;
  EventLoop& loop_;
  const Termination& termination_;
  Counters& counters_;
  const std::string dummy_proof_key_;
  RedeemLimiter limiter_;
  VerifiedCallers verified_;
  // Of events that somebody with a used key can cause without end. The link's
  // own peer does not pay for them.
  LinkBudget event_budget_;
  PeerEvents events_;
};

}  // namespace interlink::federation
