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

  // A peer's Redeem.
  absl::StatusOr<v1::RedeemResponse> Redeem(const PeerCaller& caller,
                                            const v1::RedeemRequest& request);

 private:
  struct Attempt;

  // Checks the proof, then who the caller is.
  absl::StatusOr<Attempt> Authenticate(const PeerCaller& caller,
                                       const v1::RedeemRequest& request);
  absl::Status RefuseProof(const PeerCaller& caller);
  absl::Status Identify(const PeerCaller& caller,
                        const v1::RedeemRequest& request, Attempt& attempt);
  absl::StatusOr<v1::RedeemResponse> Decide(const Attempt& attempt);
  absl::Status CheckLinkable(const Attempt& attempt) const;
  absl::Status Expire(const Attempt& attempt);
  absl::StatusOr<v1::RedeemResponse> Link(const Attempt& attempt);
  void ApplyCarried(const Attempt& attempt, Transaction& transaction) const;
  // Adds to `transaction` that other links with the redeemer go, and says so in
  // `response`; `record`, of the new link, may take over a name.
  absl::Status ReplaceOthers(const Attempt& attempt, Transaction& transaction,
                             v1::RedeemResponse& response,
                             store::v1::InterlinkRecord& record);
  v1::RedeemResponse Answer() const;
  absl::Status RefuseOtherRoot(const Attempt& attempt, const Row& other);
  absl::Status RefuseReuse(const Attempt& attempt);

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
