// The end of an attempt: what KeyRedeemer stores once the issuer has said yes
// or no for good.

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/ledger/context.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/authorization_key.h"
#include "federation/linking/key_redeemer.h"
#include "federation/linking/termination.h"
#include "store/failpoint.h"

namespace interlink::federation {

absl::Status KeyRedeemer::Establish(store::InterlinkId id,
                                    const v1::RedeemResponse& response,
                                    const std::string& address) {
  const Row& row = *context_.interlinks.Find(id);
  const auto& carried = attempts_.at(id).carried;
  auto root = Certificate::FromDer(response.root_certificate());
  if (!root.ok() || !root->IsSelfSignedRoot() ||
      root->SpkiSha256() != row.record.peer().root_spki_sha256()) {
    return Refusal(Reason::kPeerIdentityMismatch,
                   "the issuer sent another root than its key names");
  }
  store::v1::InterlinkRecord record = row.record;
  store::v1::Peer peer =
      PeerFrom(row.peer(), response.root_certificate(), response.account_name(),
               response.addresses(), response.contact());
  const store::v1::Peer& known = row.record.peer();
  if (known.generation() != 0) {
    // It has called and introduced itself; this answer may be of before that.
    const std::string contact = peer.contact();
    peer = known;
    if (peer.contact().empty()) peer.set_contact(contact);
  } else if (peer.addresses().empty()) {
    *peer.mutable_addresses() = known.addresses();
  }
  peer.set_good_address(address);
  *record.mutable_peer() = std::move(peer);
  record.set_linked_from(address);
  record.mutable_entered_key()->clear_key();

  Transaction transaction = Begin(context_);
  for (store::InterlinkId removed : carried) transaction.DeleteOutbox(removed);
  const bool is_new = row.Is(store::v1::ROW_STATE_LINKING);
  if (is_new) {
    record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    *record.mutable_establish_time() =
        store::ToTimestamp(context_.loop.WallNow());
    DropReplaced(row, response, transaction);
    if (const Row* senior = FindSenior(row, transaction)) {
      return MergeInto(*senior, row, std::move(transaction));
    }
    for (const Row* junior : RowsOfSameAccount(context_, row)) {
      if (junior->Is(store::v1::ROW_STATE_ESTABLISHED) &&
          !transaction.Touches(junior->id)) {
        transaction.Bury(*junior, store::v1::REMOVAL_CAUSE_MERGED, id);
      }
    }
    transaction.Tell(
        "LINKED", kByAdministrator, &row,
        "linked with \"" + record.peer().account_name() + "\", at " + address);
  }
  transaction.Update(row, record);
  if (auto status = transaction.Commit(); !status.ok()) return status;
  store::PassFailpoint("redeem/established");
  if (is_new) ++context_.counters.links_made_as_redeemer;
  return absl::OkStatus();
}

absl::Status KeyRedeemer::EstablishByCall(store::InterlinkId id,
                                          const std::string& root_der) {
  const Row& row = *context_.interlinks.Find(id);
  for (const Row* other : RowsOfSameAccount(context_, row)) {
    // Each side redeemed the other's key: which link stands is for the answer
    // to Redeem to say.
    if (other->Is(store::v1::ROW_STATE_ESTABLISHED) &&
        other->health != api::INTERLINK_HEALTH_ORPHANED) {
      return Refusal(Reason::kPeerUnreachable,
                     "this interlink is being made beside another one with the "
                     "same account; ask again when one of the two has gone");
    }
  }
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_ESTABLISHED);
  record.mutable_peer()->add_root_certificates(root_der);
  *record.mutable_establish_time() =
      store::ToTimestamp(context_.loop.WallNow());
  Transaction transaction = Begin(context_);
  DropReplaced(row, {}, transaction);
  transaction.Update(row, record);
  transaction.Tell("LINKED", kByPeer, &row,
                   "the other account called over this link");
  if (auto status = transaction.Commit(); !status.ok()) return status;
  ++context_.counters.links_made_as_redeemer;
  return absl::OkStatus();
}

// Older links that the issuer gave up for this one, or has lost.
void KeyRedeemer::DropReplaced(const Row& row,
                               const v1::RedeemResponse& response,
                               Transaction& transaction) const {
  const auto& replaced = response.replaced_interlink_ids();
  for (const Row* other : RowsOfSameAccount(context_, row)) {
    if (!other->Is(store::v1::ROW_STATE_ESTABLISHED)) continue;
    const bool is_replaced = std::find(replaced.begin(), replaced.end(),
                                       other->id.ToBytes()) != replaced.end();
    if (is_replaced || other->health == api::INTERLINK_HEALTH_ORPHANED) {
      transaction.Bury(*other, store::v1::REMOVAL_CAUSE_REPLACED, row.id);
      transaction.Tell("REPLACED", kByPeer, other,
                       "replaced by a new link with the same account");
    }
  }
}

const Row* KeyRedeemer::FindSenior(const Row& row,
                                   const Transaction& transaction) const {
  for (const Row* other : RowsOfSameAccount(context_, row)) {
    if (other->Is(store::v1::ROW_STATE_ESTABLISHED) &&
        !transaction.Touches(other->id) &&
        context_.identity.account_id() < row.peer() &&
        other->record.has_issued_key()) {
      return other;
    }
  }
  return nullptr;
}

// `row` ends as another name of `senior`, which keeps the name that the
// administrator entered last.
absl::Status KeyRedeemer::MergeInto(const Row& senior, const Row& row,
                                    Transaction transaction) {
  store::v1::InterlinkRecord kept = senior.record;
  kept.set_name(row.record.name());
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_MERGED, senior.id);
  transaction.Update(senior, kept);
  transaction.Tell("MERGED", kByDaemon, &row,
                   "each account had entered the other's key; one link stands "
                   "for both");
  return transaction.Commit();
}

void KeyRedeemer::Refused(store::InterlinkId id, const absl::Status& status) {
  const Row& row = *context_.interlinks.Find(id);
  absl::Status committed;
  if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) {
    // Established by the issuer's call; only its details are missing.
    store::v1::InterlinkRecord record = row.record;
    record.mutable_entered_key()->clear_key();
    Transaction transaction = Begin(context_);
    transaction.Update(row, record);
    committed = transaction.Commit();
  } else if (ReasonOf(status) == Reason::kLinkTerminated) {
    committed = EndTerminated(row);
  } else if (attempts_.at(id).waiters.empty()) {
    committed = EndUnawaited(row, status);
  } else {
    committed = EndAwaited(row, status);
  }
  if (!committed.ok()) RetryLater(id, committed);
}

// The link was made and has ended, or stands under another id.
absl::Status KeyRedeemer::EndTerminated(const Row& row) {
  for (const Row* other : RowsOfSameAccount(context_, row)) {
    if (other->Is(store::v1::ROW_STATE_ESTABLISHED)) {
      return MergeInto(*other, row, Begin(context_));
    }
  }
  Transaction transaction = Begin(context_);
  BuryAsAnswered(context_, row, transaction);
  return transaction.Commit();
}

// Whoever waits is told, and finds no row to clear away.
absl::Status KeyRedeemer::EndAwaited(const Row& row,
                                     const absl::Status& status) {
  auto waiters = std::exchange(attempts_.at(row.id).waiters, {});
  Transaction transaction = Begin(context_);
  transaction.Tell("LINK_REFUSED", kByPeer, &row,
                   std::string(status.message()));
  transaction.Erase(row);
  const absl::Status committed = transaction.Commit();
  TellWaiters(std::move(waiters), committed.ok() ? status : committed);
  return committed;
}

// Nobody waits: the row stays to be seen.
absl::Status KeyRedeemer::EndUnawaited(const Row& row,
                                       const absl::Status& status) {
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_FAILED);
  record.mutable_entered_key()->clear_key();
  record.mutable_failure()->set_reason(
      std::string(ReasonName(*ReasonOf(status))));
  record.mutable_failure()->set_message(std::string(SentenceOf(status)));
  Transaction transaction = Begin(context_);
  transaction.Update(row, record);
  transaction.Tell("LINK_REFUSED", kByPeer, &row,
                   std::string(status.message()));
  return transaction.Commit();
}

}  // namespace interlink::federation
