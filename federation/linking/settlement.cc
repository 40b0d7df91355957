#include "federation/linking/settlement.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/certificate.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

// What the row is to keep of an issuer that has answered at `address`.
store::v1::Peer PeerFromAnswer(const Row& row,
                               const v1::RedeemResponse& response,
                               const std::string& address) {
  store::v1::Peer peer =
      PeerFrom(row.peer(), response.root_certificate(), response.account_name(),
               response.addresses(), response.contact());
  const store::v1::Peer& known = row.record.peer();
  if (known.generation() != 0) {
    // The issuer has called and introduced itself, perhaps after it made this
    // answer.
    const std::string contact = peer.contact();
    peer = known;
    if (peer.contact().empty()) peer.set_contact(contact);
  } else if (peer.addresses().empty()) {
    *peer.mutable_addresses() = known.addresses();
  }
  peer.set_good_address(address);
  return peer;
}

bool Names(const ReplacedIds& ids, store::InterlinkId id) {
  return std::find(ids.begin(), ids.end(), id.ToBytes()) != ids.end();
}

// Whether the account with which `row` is being linked has lost `other`.
bool HasLost(const Row& row, const Row& other) {
  return other.health == api::INTERLINK_HEALTH_ORPHANED ||
         Names(row.record.entered_key().lost_interlink_ids(), other.id);
}

}  // namespace

void Settlement::Submit(
    const Subject& subject, store::InterlinkId id,
    std::set<store::v1::RowState> states,
    absl::AnyInvocable<absl::Status(const Row&, Transaction&)> decide,
    Done done) {
  ledger_.Submit(
      subject,
      [this, id, states = std::move(states),
       decide = std::move(decide)](Transaction& transaction) mutable {
        const Row* row = ledger_.interlinks().Find(id);
        return row != nullptr && states.contains(row->record.state())
                   ? decide(*row, transaction)
                   : absl::OkStatus();
      },
      std::move(done));
}

void Settlement::Establish(store::InterlinkId id,
                           const v1::RedeemResponse& response,
                           const std::string& address,
                           const std::vector<store::InterlinkId>& carried,
                           Done done) {
  auto is_new = std::make_shared<bool>(false);
  Submit(
      Subject::AllLinks(), id,
      {store::v1::ROW_STATE_LINKING, store::v1::ROW_STATE_ESTABLISHED},
      [this, response, address, carried, is_new](const Row& row,
                                                 Transaction& transaction) {
        for (store::InterlinkId removed : carried) {
          transaction.DeleteOutbox(removed);
        }
        auto decided = DecideToEstablish(row, response, address, transaction);
        *is_new = decided.ok() && *decided;
        return decided.status();
      },
      [this, is_new,
       done = std::move(done)](const absl::Status& status) mutable {
        if (status.ok()) {
          store::PassFailpoint("redeem/established");
          if (*is_new) ++counters_.links_made_as_redeemer;
        }
        done(status);
      });
}

absl::StatusOr<bool> Settlement::DecideToEstablish(
    const Row& row, const v1::RedeemResponse& response,
    const std::string& address, Transaction& transaction) const {
  auto root = Certificate::FromDer(response.root_certificate());
  if (!root.ok() || !root->IsSelfSignedRoot() ||
      root->SpkiSha256() != row.record.peer().root_spki_sha256()) {
    return Refusal(Reason::kPeerIdentityMismatch,
                   "the issuer sent another root than its key names");
  }
  store::v1::InterlinkRecord record = row.record;
  *record.mutable_peer() = PeerFromAnswer(row, response, address);
  record.set_linked_from(address);
  record.mutable_entered_key()->clear_key();

  const bool is_new = row.Is(store::v1::ROW_STATE_LINKING);
  if (is_new) {
    record.set_state(store::v1::ROW_STATE_ESTABLISHED);
    *record.mutable_establish_time() = store::ToTimestamp(ledger_.WallNow());
    BuryReplaced(row, response.replaced_interlink_ids(), transaction, record);
    if (const Row* senior = FindSenior(row, transaction)) {
      MergeInto(*senior, row, record, transaction);
      return false;
    }
    for (const Row* junior : LinksWithAccountOf(ledger_.interlinks(), row)) {
      if (!transaction.Touches(junior->id)) {
        transaction.Bury(*junior, store::v1::REMOVAL_CAUSE_MERGED, row.id);
        TakeOverSettings(junior->record, record);
      }
    }
    transaction.Tell(
        "LINKED", kByAdministrator, &row,
        "linked with \"" + record.peer().account_name() + "\", at " + address);
  }
  transaction.Update(row, record);
  return is_new;
}

void Settlement::EstablishByCall(store::InterlinkId id,
                                 const std::string& root_der,
                                 const ReplacedIds& replaced, Done done) {
  auto is_new = std::make_shared<bool>(false);
  Submit(
      Subject::AllLinks().ForPeer(), id, {store::v1::ROW_STATE_LINKING},
      [this, root_der, replaced, is_new](const Row& row,
                                         Transaction& transaction) {
        *is_new = true;
        return DecideByCall(row, root_der, replaced, transaction);
      },
      [this, is_new,
       done = std::move(done)](const absl::Status& status) mutable {
        if (status.ok() && *is_new) ++counters_.links_made_as_redeemer;
        done(status);
      });
}

absl::Status Settlement::DecideByCall(const Row& row,
                                      const std::string& root_der,
                                      const ReplacedIds& replaced,
                                      Transaction& transaction) const {
  // Each side redeemed the other's key. An issuer of the smaller id keeps this
  // link, as FindSenior() does there; of another one only its word says so.
  const bool is_senior = row.peer() < identity_.account_id();
  ReplacedIds given_up = replaced;
  for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
    if (is_senior && other->record.has_issued_key()) {
      *given_up.Add() = other->id.ToBytes();
    } else if (!HasLost(row, *other) && !Names(replaced, other->id)) {
      return Refusal(Reason::kPeerUnreachable,
                     "this interlink is being made beside another one with the "
                     "same account; ask again when one of the two has gone");
    }
  }
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_ESTABLISHED);
  record.mutable_peer()->add_root_certificates(root_der);
  *record.mutable_establish_time() = store::ToTimestamp(ledger_.WallNow());
  BuryReplaced(row, given_up, transaction, record);
  transaction.Update(row, record);
  transaction.Tell("LINKED", kByPeer, &row,
                   "the other account called over this link");
  return absl::OkStatus();
}

// Older links that the issuer gave up for this one, or has lost.
void Settlement::BuryReplaced(const Row& row, const ReplacedIds& replaced,
                              Transaction& transaction,
                              store::v1::InterlinkRecord& record) const {
  for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
    if (Names(replaced, other->id) || HasLost(row, *other)) {
      transaction.Bury(*other, store::v1::REMOVAL_CAUSE_REPLACED, row.id);
      transaction.Tell("REPLACED", kByPeer, other,
                       "replaced by a new link with the same account" +
                           TakeOverSettings(other->record, record));
    }
  }
}

const Row* Settlement::FindSenior(const Row& row,
                                  const Transaction& transaction) const {
  if (identity_.account_id() >= row.peer()) return nullptr;
  for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
    if (!transaction.Touches(other->id) && other->record.has_issued_key()) {
      return other;
    }
  }
  return nullptr;
}

const Row* Settlement::FindStanding(const Row& row) const {
  for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
    // What was lost may have come back with a newer copy.
    const bool is_back = other->health == api::INTERLINK_HEALTH_CONNECTED ||
                         other->health == api::INTERLINK_HEALTH_PAUSED;
    if (is_back || !HasLost(row, *other)) return other;
  }
  return nullptr;
}

// `row` ends as another name of `senior`, which takes the name because the
// administrator has entered it last.
void Settlement::MergeInto(const Row& senior, const Row& row,
                           const store::v1::InterlinkRecord& record,
                           Transaction& transaction) const {
  store::v1::InterlinkRecord kept = senior.record;
  kept.set_name(row.record.name());
  const std::string taken_over = TakeOverSettings(record, kept);
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_MERGED, senior.id);
  NoteReplaced(row.id, kept);
  transaction.Update(senior, kept);
  transaction.Tell("MERGED", kByDaemon, &row,
                   "the two accounts were being linked twice; one link stands "
                   "for both" +
                       taken_over);
}

void Settlement::NoteLost(store::InterlinkId id, Done done) {
  Submit(
      Subject::AllLinks(), id, {store::v1::ROW_STATE_LINKING},
      [this](const Row& row, Transaction& transaction) {
        store::v1::InterlinkRecord record = row.record;
        auto& lost =
            *record.mutable_entered_key()->mutable_lost_interlink_ids();
        for (const Row* other : LinksWithAccountOf(ledger_.interlinks(), row)) {
          if (other->health == api::INTERLINK_HEALTH_ORPHANED &&
              !Names(lost, other->id)) {
            *lost.Add() = other->id.ToBytes();
          }
        }
        if (lost.size() > row.record.entered_key().lost_interlink_ids_size()) {
          transaction.Update(row, record);
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void Settlement::StopAsking(store::InterlinkId id, Done done) {
  Submit(
      Subject::AllLinks(), id, {store::v1::ROW_STATE_ESTABLISHED},
      [](const Row& row, Transaction& transaction) {
        store::v1::InterlinkRecord record = row.record;
        record.mutable_entered_key()->clear_key();
        transaction.Update(row, record);
        return absl::OkStatus();
      },
      std::move(done));
}

void Settlement::EndTerminated(store::InterlinkId id, Done done) {
  Submit(
      Subject::AllLinks(), id, {store::v1::ROW_STATE_LINKING},
      [this](const Row& row, Transaction& transaction) {
        if (const Row* kept = FindStanding(row)) {
          MergeInto(*kept, row, row.record, transaction);
        } else {
          termination_.BuryAsAnswered(row, transaction);
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void Settlement::Fail(store::InterlinkId id, const absl::Status& refusal,
                      Done done) {
  Submit(
      Subject::AllLinks(), id, {store::v1::ROW_STATE_LINKING},
      [refusal](const Row& row, Transaction& transaction) {
        transaction.Update(
            row, FailedRecord(row, *ReasonOf(refusal), SentenceOf(refusal)));
        transaction.Tell("LINK_REFUSED", kByPeer, &row,
                         std::string(refusal.message()));
        return absl::OkStatus();
      },
      std::move(done));
}

void Settlement::Erase(store::InterlinkId id, const absl::Status& refusal,
                       Done done) {
  Submit(
      Subject::AllLinks(), id, {store::v1::ROW_STATE_LINKING},
      [refusal](const Row& row, Transaction& transaction) {
        transaction.Tell("LINK_REFUSED", kByPeer, &row,
                         std::string(refusal.message()));
        transaction.Erase(row);
        return absl::OkStatus();
      },
      std::move(done));
}

}  // namespace interlink::federation
