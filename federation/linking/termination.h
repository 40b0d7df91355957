#pragma once

#include <functional>
#include <optional>

#include "federation/ledger/context.h"
#include "federation/ledger/transaction.h"
#include "interlink/federation/v1/federation.pb.h"
#include "interlink/store/v1/records.pb.h"

// How the other account ends a link (design.md section 10).
namespace interlink::federation {

// The most removals that one Redeem carries, so that its commit stays within
// the limits of any engine.
inline constexpr int kMaxCarriedRemovals = 16;

// Who says that a link is over.
struct Terminator {
  // Whom it says to be. Counts only together with a proof.
  std::optional<store::AccountId> account;
  // Whether it is that pinned peer.
  std::function<bool(const store::v1::Peer&)> is_peer;
};

// Adds to `transaction` what a Terminate of the caller changes, if it concerns
// him: he is the row's pinned peer, or proves that he has, or has redeemed, its
// key. The row that it ends, or null.
const Row* ApplyTerminate(const Context& context, Transaction& transaction,
                          const v1::TerminateRequest& request,
                          const Terminator& caller);

// Adds to `transaction` that the row goes because its peer has deleted it, and
// has said so when asked: unlike who sends a Terminate, he does not hear of it
// unless he is told.
void BuryAsAnswered(const Context& context, const Row& row,
                    Transaction& transaction);

// Adds to `transaction` that the peer, who has deleted the row, is told until
// he has heard it that this is known here.
void Confirm(const Context& context, const Row& row, Transaction& transaction);

}  // namespace interlink::federation
