#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
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

  // Each gets OK once the row is settled, or is settled already.
  using Done = Decisions::Done;

  // Called when the issuer at `address` has said yes. If its own call has
  // established the row already, only stores who the issuer is. `carried`: the
  // removals that the Redeem has told the issuer of.
  // Errors: STORE_UNAVAILABLE; PEER_IDENTITY_MISMATCH if the issuer has another
  // root than the key names.
  void Establish(store::InterlinkId id, const v1::RedeemResponse& response,
                 const std::string& address,
                 const std::vector<store::InterlinkId>& carried, Done done);

  // The issuer of the LINKING row has called over the link: that is the answer.
  // `root_der` is the root by which it proved itself, `replaced` what it says
  // of the links that it has given up. KeyRedeemer goes on to ask who it is.
  // Errors: STORE_UNAVAILABLE; PEER_UNREACHABLE while another link with that
  // account stands that the issuer may keep: the answer to Redeem says which
  // of them goes.
  void EstablishByCall(store::InterlinkId id, const std::string& root_der,
                       const ReplacedIds& replaced, Done done);

  // A link that stands with the account with which `row` is being linked, so
  // that `row` may end for it; nullptr if there is none.
  const Row* FindStanding(const Row& row) const;

  // Stores which links with the issuer of the LINKING row it has lost, if it
  // has said so since the key was entered.
  void NoteLost(store::InterlinkId id, Done done);

  // Called when the issuer's own call has established the row, and the issuer
  // then refuses the Redeem: stops asking it who it is.
  void StopAsking(store::InterlinkId id, Done done);

  // The issuer says that the link is over: it was deleted there, or stands
  // under another id.
  void EndTerminated(store::InterlinkId id, Done done);

  // The issuer has refused. Fail() keeps the row, for the administrator to see.
  void Fail(store::InterlinkId id, const absl::Status& refusal, Done done);
  void Erase(store::InterlinkId id, const absl::Status& refusal, Done done);

 private:
  // Submits what is decided about a row, if it is in one of these states still.
  void Submit(const Subject& subject, store::InterlinkId id,
              std::set<store::v1::RowState> states,
              absl::AnyInvocable<absl::Status(const Row&, Transaction&)> decide,
              Done done);
  // Whether the row becomes a link by this.
  absl::StatusOr<bool> DecideToEstablish(const Row& row,
                                         const v1::RedeemResponse& response,
                                         const std::string& address,
                                         Transaction& transaction) const;
  absl::Status DecideByCall(const Row& row, const std::string& root_der,
                            const ReplacedIds& replaced,
                            Transaction& transaction) const;
  // `record`: what `row` is to become.
  void BuryReplaced(const Row& row, const ReplacedIds& replaced,
                    Transaction& transaction,
                    store::v1::InterlinkRecord& record) const;
  // The link that stands instead of `row` because each side redeemed the
  // other's key; nullptr if `row` is to stand.
  const Row* FindSenior(const Row& row, const Transaction& transaction) const;
  void MergeInto(const Row& senior, const Row& row,
                 const store::v1::InterlinkRecord& record,
                 Transaction& transaction) const;

  const Identity& identity_;
  Ledger& ledger_;
  const Termination& termination_;
  Counters& counters_;
};

}  // namespace interlink::federation
