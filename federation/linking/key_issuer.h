#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/rate_limit.h"
#include "federation/identity/verified_callers.h"
#include "federation/ledger/context.h"
#include "federation/ledger/peer_events.h"
#include "federation/peer/link_budget.h"
#include "federation/peer/peer_client.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// The issuer's half of linking (design.md sections 5 and 6): generates
// authorization keys and decides who may use them.
//
// Invariants: a key makes at most one link; what a redeemer was answered he is
// answered again for as long as that link stands, and nobody else is; nothing
// is told about a key to a caller who does not have it. Threading: loop only.
class KeyIssuer {
 public:
  explicit KeyIssuer(const Context& context);

  absl::StatusOr<api::GenerateKeyResponse> GenerateKey(
      const api::GenerateKeyRequest& request);
  absl::StatusOr<api::ShowKeyResponse> ShowKey(
      const api::ShowKeyRequest& request) const;

  // A peer's Redeem (section 6, points 3 to 5).
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
  absl::StatusOr<v1::RedeemResponse> Link(const Attempt& attempt);
  v1::RedeemResponse Answer() const;
  absl::Status RefuseOtherRoot(const Attempt& attempt, const Row& other);
  absl::Status RefuseReuse(const Attempt& attempt);
  void ExpireKeys();
  absl::Status Expire(const Row& row);

  Context context_;
  std::string dummy_proof_key_;
  RedeemLimiter limiter_;
  VerifiedCallers verified_;
  // Whoever has a used key could make this account write without end; the
  // link's own peer does not pay for it.
  LinkBudget event_budget_;
  PeerEvents events_;
  std::unique_ptr<EventLoop::Timer> expiry_timer_;
};

}  // namespace interlink::federation
