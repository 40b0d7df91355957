#pragma once

#include <functional>
#include <optional>

#include "federation/identity/identity.h"
#include "federation/ledger/interlinks.h"
#include "federation/ledger/transaction.h"
#include "federation/linking/removal_outbox.h"
#include "interlink/federation/v1/federation.pb.h"
#include "interlink/store/v1/records.pb.h"

namespace interlink::federation {

// How the other account ends a link, or its own attempt to make one (design.md
// section 10).
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class Termination {
 public:
  // Who sends a Terminate.
  struct Caller {
    // The account that it says it is. Counts only together with a proof.
    std::optional<store::AccountId> account;
    // Whether it is that pinned peer.
    std::function<bool(const store::v1::Peer&)> is_peer;
  };

  Termination(const Identity& identity, const Interlinks& interlinks,
              const RemovalOutbox& outbox)
      : identity_(identity), interlinks_(interlinks), outbox_(outbox) {}

  // Adds to `transaction` what `request` changes here: nothing unless the
  // caller is the row's pinned peer, or proves that it has, or has redeemed,
  // the key. Returns the row that ends, or nullptr.
  const Row* Apply(const v1::TerminateRequest& request, const Caller& caller,
                   Transaction& transaction) const;

  // Adds to `transaction` that a row whose key is not used yet is merged into
  // the link that `request` names as kept. Errors: LINK_TERMINATED, and nothing
  // changes: that link does not stand, or not with the caller.
  absl::Status Merge(const v1::TerminateRequest& request, const Caller& caller,
                     Transaction& transaction) const;

  // Adds to `transaction` that the row goes because its peer answered that it
  // has deleted it. Unlike the sender of a Terminate, that peer has to be told
  // that this account knows.
  void BuryAsAnswered(const Row& row, Transaction& transaction) const;

 private:
  bool HasCancelProof(const Row& row,
                      const v1::TerminateRequest& request) const;

  const Identity& identity_;
  const Interlinks& interlinks_;
  const RemovalOutbox& outbox_;
};

}  // namespace interlink::federation
