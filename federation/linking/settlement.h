#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/base/counters.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/link_key.h"
#include "federation/linking/termination.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// How an attempt to redeem a key ends (design.md section 6, points 4 to 8): the
// commit that each word of its issuer leads to.
//
// Invariant: one link stands with an account, also if both accounts entered
// each other's key at once.
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class Settlement {
 public:
  Settlement(const Identity& identity, Ledger& ledger,
             const Termination& termination, Counters& counters)
      : identity_(identity),
        ledger_(ledger),
        termination_(termination),
        counters_(counters) {}

  // Called when the issuer at `address` has said yes. If its own call has
  // established the row already, only stores who the issuer is. `carried`: the
  // removals that the Redeem has told the issuer of.
  // Errors: STORE_UNAVAILABLE; PEER_IDENTITY_MISMATCH if the issuer has another
  // root than the key names.
  absl::Status Establish(const Row& row, const v1::RedeemResponse& response,
                         const std::string& address,
                         const std::vector<store::InterlinkId>& carried);

  // The issuer of the LINKING row has called over the link: that is the answer.
  // `root_der` is the root by which it proved itself, `replaced` what it says
  // of the links that it has given up. KeyRedeemer goes on to ask who it is.
  // Errors: STORE_UNAVAILABLE; PEER_UNREACHABLE while another link with that
  // account stands that the issuer may keep: the answer to Redeem says which
  // of them goes.
  absl::Status EstablishByCall(const Row& row, const std::string& root_der,
                               const ReplacedIds& replaced = {});

  // A link that stands with the account with which `row` is being linked, so
  // that `row` may end for it; nullptr if there is none.
  const Row* FindStanding(const Row& row) const;

  // Called when the issuer's own call has established the row, and the issuer
  // then refuses the Redeem: stops asking it who it is.
  absl::Status StopAsking(const Row& row);

  // The issuer says that the link is over: it was deleted there, or stands
  // under another id.
  absl::Status EndTerminated(const Row& row);

  // The issuer has refused. Fail() keeps the row, for the administrator to see.
  absl::Status Fail(const Row& row, const absl::Status& refusal);
  absl::Status Erase(const Row& row, const absl::Status& refusal);

 private:
  // `record`: what `row` is to become.
  void BuryReplaced(const Row& row, const ReplacedIds& replaced,
                    Transaction& transaction,
                    store::v1::InterlinkRecord& record) const;
  // The link that stands instead of `row` because each side redeemed the
  // other's key; nullptr if `row` is to stand.
  const Row* FindSenior(const Row& row, const Transaction& transaction) const;
  absl::Status MergeInto(const Row& senior, const Row& row,
                         const store::v1::InterlinkRecord& record,
                         Transaction transaction);

  const Identity& identity_;
  Ledger& ledger_;
  const Termination& termination_;
  Counters& counters_;
};

}  // namespace interlink::federation
