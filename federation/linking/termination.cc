#include "federation/linking/termination.h"

#include <algorithm>

#include "federation/base/reason.h"
#include "federation/identity/proof.h"
#include "federation/ledger/interlink_update.h"
#include "federation/linking/link_key.h"

namespace interlink::federation {
namespace {

constexpr int kMaxBurnt = 64;

// A cancelled attempt must not make a link, however late its Redeem comes.
void Burn(const Row& row, const std::string& redeem_id,
          Transaction& transaction) {
  store::v1::InterlinkRecord record = row.record;
  store::v1::IssuedKey& key = *record.mutable_issued_key();
  const auto& burnt = key.burnt_redeem_ids();
  if (std::find(burnt.begin(), burnt.end(), redeem_id) != burnt.end()) return;
  if (burnt.size() >= kMaxBurnt) {
    // Nobody does this in good faith.
    RevokeKey(
        row,
        "this key was entered and cancelled too often; delete it and generate "
        "another",
        transaction);
    return;
  }
  key.add_burnt_redeem_ids(redeem_id);
  transaction.Update(row, record);
  transaction.Tell("ATTEMPT_CANCELLED", kByPeer, &row,
                   "the other account entered this key and then cancelled");
}

void BuryAsDeletedByPeer(const Row& row, std::string_view what,
                         Transaction& transaction) {
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_BY_PEER);
  transaction.Tell("DELETED_BY_PEER", kByPeer, &row, std::string(what));
}

}  // namespace

bool Termination::HasCancelProof(const Row& row,
                                 const v1::TerminateRequest& request) const {
  const auto redeem_id = store::RedeemId::FromBytes(request.redeem_id());
  return redeem_id && row.record.has_issued_key() &&
         SameProof(CancelProof(row.record.issued_key().proof_key(),
                               OwnKeyContext(identity_, row.id), *redeem_id),
                   request.proof());
}

const Row* Termination::Apply(const v1::TerminateRequest& request,
                              const Caller& caller,
                              Transaction& transaction) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const Row* row = id ? interlinks_.Find(*id) : nullptr;
  if (row == nullptr || transaction.Touches(row->id)) return nullptr;
  const bool is_cancel = !request.redeem_id().empty();
  bool ends = false;
  switch (row->record.state()) {
    case store::v1::ROW_STATE_PENDING:
      if (HasCancelProof(*row, request)) {
        Burn(*row, request.redeem_id(), transaction);
      } else if (!is_cancel && HasRedeemedProof(*row, caller.account,
                                                request.redeemed_proof())) {
        // To the caller it was a link, which this store has forgotten.
        RevokeKey(*row, kUsedKey, transaction);
      }
      return nullptr;
    case store::v1::ROW_STATE_ESTABLISHED:
      // A cancel ends the link only if its own attempt made it.
      ends = is_cancel ? request.redeem_id() ==
                                 row->record.issued_key().redeem_id() &&
                             (caller.is_peer(row->record.peer()) ||
                              HasCancelProof(*row, request))
                       : caller.is_peer(row->record.peer());
      break;
    case store::v1::ROW_STATE_LINKING:
      ends = !is_cancel && caller.is_peer(row->record.peer());
      break;
    default:
      return nullptr;
  }
  if (!ends) return nullptr;
  BuryAsDeletedByPeer(*row, "the other account deleted this interlink",
                      transaction);
  return row;
}

absl::Status Termination::Merge(const v1::TerminateRequest& request,
                                const Caller& caller,
                                Transaction& transaction) const {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const auto kept_id =
      store::InterlinkId::FromBytes(request.kept_interlink_id());
  const Row* kept = kept_id ? interlinks_.Find(*kept_id) : nullptr;
  const Row* row = id ? interlinks_.Find(*id) : nullptr;
  const bool has_linked =
      row != nullptr && row->Is(store::v1::ROW_STATE_ESTABLISHED) &&
      row->record.issued_key().redeem_id() == request.redeem_id();
  if (kept == nullptr || !kept->Is(store::v1::ROW_STATE_ESTABLISHED) ||
      !caller.is_peer(kept->record.peer()) || has_linked) {
    return Refusal(Reason::kLinkTerminated,
                   "the link that was to be kept does not stand here, or the "
                   "attempt has made one that does");
  }
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_PENDING) ||
      !HasCancelProof(*row, request)) {
    return absl::OkStatus();
  }
  Row merged = *row;
  merged.record.mutable_issued_key()->add_burnt_redeem_ids(request.redeem_id());
  transaction.Bury(merged, store::v1::REMOVAL_CAUSE_MERGED, kept->id);
  store::v1::InterlinkRecord record = kept->record;
  const std::string taken_over = TakeOverSettings(row->record, record);
  NoteReplaced(row->id, record);
  transaction.Update(*kept, record);
  transaction.Tell("MERGED", kByPeer, row,
                   "the two accounts were being linked twice; one link stands "
                   "for both" +
                       taken_over);
  return absl::OkStatus();
}

void Termination::BuryAsAnswered(const Row& row,
                                 Transaction& transaction) const {
  // The sentence leaves open by whom: this account may have deleted the link,
  // and its store may be an older copy that does not know.
  BuryAsDeletedByPeer(
      row, "the other account says that this interlink had been deleted",
      transaction);
  outbox_.AddConfirmation(row, transaction);
}

}  // namespace interlink::federation
