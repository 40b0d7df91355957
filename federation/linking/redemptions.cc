#include "federation/linking/redemptions.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/proof.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/peer_record.h"
#include "federation/linking/link_key.h"
#include "federation/linking/removal_outbox.h"
#include "google/protobuf/util/time_util.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

constexpr size_t kMaxBodyBytes = 16 * 1024;
constexpr size_t kProofKeyBytes = 32;

absl::Status InvalidKey() {
  return Refusal(Reason::kInvalidKey,
                 "this key is not known here; ask for a new one");
}

absl::Status Terminated() {
  return Refusal(Reason::kLinkTerminated,
                 "this link was deleted or cancelled; ask for a new key");
}

// Without the port, which differs from connection to connection: equal events
// are merged.
std::string HostOfSource(const std::string& source) {
  return source.substr(0, source.rfind(':'));
}

}  // namespace

// A Redeem whose proof is good, and what its caller has shown of itself.
struct Redemptions::Attempt {
  store::InterlinkId id;
  store::RedeemId redeem_id;
  store::AccountId account;
  v1::RedeemBody body;
  std::string source;
  bool is_proven = false;    // The account's id follows from its root.
  const Row* row = nullptr;  // nullptr: `tombstone` is all that is left.
  store::v1::InterlinkRecord tombstone;

  const store::v1::InterlinkRecord& record() const {
    return row != nullptr ? row->record : tombstone;
  }
  // Whether the caller is the account with which the link was made.
  bool IsByPeer() const {
    return HasRoot(record().peer(), body.root_certificate());
  }
  // Whether it was also this attempt that made the link.
  bool MadeTheLink() const {
    return record().issued_key().redeem_id() == redeem_id.ToBytes() &&
           IsByPeer();
  }
  bool IsCancelled() const {
    const auto& burnt = record().issued_key().burnt_redeem_ids();
    return std::find(burnt.begin(), burnt.end(), redeem_id.ToBytes()) !=
           burnt.end();
  }
};

Redemptions::Redemptions(const AccountSettings& settings,
                         const Identity& identity, Ledger& ledger,
                         EventLoop& loop, Randomness& randomness,
                         const Termination& termination, Counters& counters)
    : settings_(settings),
      identity_(identity),
      ledger_(ledger),
      loop_(loop),
      termination_(termination),
      counters_(counters),
      dummy_proof_key_(randomness.Bytes(kProofKeyBytes)),
      limiter_(settings.redeem_limit, settings.redeem_limit_total),
      event_budget_(loop, 1.0 / 60, 10),
      events_(ledger, loop, event_budget_) {}

void Redemptions::Redeem(const PeerCaller& caller,
                         const v1::RedeemRequest& request, Done done) {
  store::PassFailpoint("issue/received");
  auto attempt = Authenticate(caller, request);
  if (!attempt.ok()) {
    ++counters_.redeems_refused;
    done(attempt.status());
    return;
  }
  ledger_.Submit<Verdict>(
      Subject::AllLinks().ForPeer(),
      [this, attempt = *std::move(attempt)](
          Transaction& transaction) mutable -> absl::StatusOr<Verdict> {
        if (auto s = Read(attempt); !s.ok()) return s;
        return Decide(attempt, transaction);
      },
      [this, done = std::move(done)](absl::StatusOr<Verdict> verdict) mutable {
        if (!verdict.ok()) verdict = Verdict(verdict.status());
        if (verdict->links) {
          store::PassFailpoint("issue/linked");
          ++counters_.links_made_as_issuer;
        }
        if (!verdict->answer.ok()) ++counters_.redeems_refused;
        if (!verdict->event.kind().empty()) events_.Tell(verdict->event);
        done(std::move(verdict->answer));
      });
}

absl::Status Redemptions::Read(Attempt& attempt) const {
  attempt.row = ledger_.interlinks().Find(attempt.id);
  // Read even if there is a row, or the time would tell which ids exist.
  auto tombstone = ledger_.interlinks().FindTombstone(attempt.id);
  if (!tombstone.ok()) return tombstone.status();
  attempt.tombstone =
      (*std::move(tombstone)).value_or(store::v1::InterlinkRecord());
  return absl::OkStatus();
}

absl::StatusOr<Redemptions::Attempt> Redemptions::Authenticate(
    const PeerCaller& caller, const v1::RedeemRequest& request) {
  if (request.body().size() > kMaxBodyBytes) {
    return Refusal(
        Reason::kRequestInvalid,
        "the Redeem body has " + std::to_string(request.body().size()) +
            " bytes; at most " + std::to_string(kMaxBodyBytes) + " are taken");
  }
  Attempt attempt;
  attempt.source = caller.source;
  bool is_known = false;
  if (auto id = store::InterlinkId::FromBytes(request.interlink_id())) {
    attempt.id = *id;
    if (auto s = Read(attempt); !s.ok()) return s;
    is_known = attempt.record().has_issued_key();
  }
  // An unknown id costs the same work as a wrong proof, and gets its answer.
  const std::string& proof_key =
      is_known ? attempt.record().issued_key().proof_key() : dummy_proof_key_;
  const bool is_good =
      SameProof(RedeemProof(proof_key, OwnKeyContext(identity_, attempt.id),
                            request.body()),
                request.proof());
  if (!is_known || !is_good) return RefuseProof(caller);
  if (auto s = Identify(caller, request, attempt); !s.ok()) return s;
  return attempt;
}

// Only wrong proofs are counted, so they cannot hold up a good one.
absl::Status Redemptions::RefuseProof(const PeerCaller& caller) {
  limiter_.LimitSources(settings_.redeem_limit);  // As last reloaded.
  const auto excess = limiter_.Charge(caller.source, loop_.Now());
  if (!excess) return InvalidKey();
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(excess->wait);
  return RetryAfter(
      Refusal(Reason::kRateLimited,
              std::string(excess->is_in_all
                              ? "too many wrong keys are being tried here, "
                                "from many networks"
                              : "too many wrong keys have come from the same "
                                "network as this one") +
                  "; check the key, or try again in " +
                  std::to_string(
                      std::chrono::ceil<std::chrono::seconds>(wait).count()) +
                  " s"),
      wait);
}

absl::Status Redemptions::Identify(const PeerCaller& caller,
                                   const v1::RedeemRequest& request,
                                   Attempt& attempt) {
  v1::RedeemBody& body = attempt.body;
  if (!body.ParseFromString(request.body()) ||
      body.removals_size() > RemovalOutbox::kMaxCarried) {
    return Refusal(Reason::kRequestInvalid, "the Redeem body is malformed");
  }
  const auto redeem_id = store::RedeemId::FromBytes(body.redeem_id());
  const auto account = store::AccountId::FromBytes(body.account_id());
  auto root = Certificate::FromDer(body.root_certificate());
  if (!redeem_id || !account || !root.ok()) {
    return Refusal(Reason::kRequestInvalid,
                   "the Redeem body names no attempt, account or root");
  }
  attempt.redeem_id = *redeem_id;
  attempt.account = *account;
  attempt.is_proven = AccountIdOf(root->SpkiSha256()) == *account;
  return verified_.Check(caller.certificate, *account, body.root_certificate(),
                         ledger_.WallNow());
}

Redemptions::Verdict Redemptions::Decide(const Attempt& attempt,
                                         Transaction& transaction) const {
  const store::v1::InterlinkRecord& record = attempt.record();
  const store::v1::IssuedKey& key = record.issued_key();
  switch (record.state()) {
    case store::v1::ROW_STATE_PENDING:
      return Link(attempt, transaction);
    case store::v1::ROW_STATE_ESTABLISHED: {
      if (!attempt.MadeTheLink()) return RefuseReuse(attempt);
      v1::RedeemResponse answer;
      if (!answer.ParseFromString(key.answer())) {
        return Refusal(Reason::kStoreUnavailable,
                       "the stored answer cannot be read");
      }
      // The redeemer takes what this try carries for told, too.
      ApplyCarried(attempt, transaction);
      return Verdict(std::move(answer));
    }
    case store::v1::ROW_STATE_FAILED:
      return record.failure().reason() == ReasonName(Reason::kKeyExpired)
                 ? KeyExpiredRefusal()
                 : Refusal(Reason::kKeyRevoked,
                           "this key was revoked; ask for a new one");
    default:
      break;
  }
  if (!key.redeem_id().empty()) {
    // A peer that was restored to a time before the link tries again. It has to
    // hear of the deletion by this answer and to confirm it, because it may be
    // out of reach.
    if (!attempt.IsByPeer()) return RefuseReuse(attempt);
    return Terminated();
  }
  if (attempt.IsCancelled()) return Terminated();
  return Refusal(Reason::kKeyRevoked,
                 "this key was revoked; ask for a new one");
}

absl::Status Redemptions::CheckLinkable(const Attempt& attempt) const {
  if (attempt.IsCancelled()) return Terminated();
  if (attempt.account == identity_.account_id()) {
    return Refusal(Reason::kSelfLink,
                   "this key was generated by the account itself");
  }
  if (attempt.body.protocol_min() > kOwnProtocol ||
      attempt.body.protocol_max() < kOwnProtocol) {
    return Refusal(Reason::kProtocolVersion,
                   "the other account's daemon speaks protocol " +
                       std::to_string(kOwnProtocol) +
                       "; bring both daemons to the same version");
  }
  return absl::OkStatus();
}

Redemptions::Verdict Redemptions::Link(const Attempt& attempt,
                                       Transaction& transaction) const {
  if (IsPast(attempt.record(), ledger_.WallNow())) {
    // Stored before it is said: the redeemer gives up by it, and the clock may
    // be set back before an earlier try of his arrives.
    ExpireKey(*attempt.row, transaction);
    return KeyExpiredRefusal();
  }
  if (auto s = CheckLinkable(attempt); !s.ok()) return s;
  Transaction linking(ledger_.WallNow());
  ApplyCarried(attempt, linking);
  if (const Row* other = FindOtherRoot(attempt, linking)) {
    return RefuseOtherRoot(attempt, *other);
  }
  v1::RedeemResponse response = Answer();
  store::v1::InterlinkRecord record = attempt.row->record;
  ReplaceOthers(attempt, linking, response, record);
  record.set_state(store::v1::ROW_STATE_ESTABLISHED);
  *record.mutable_peer() =
      PeerFrom(attempt.account, attempt.body.root_certificate(),
               attempt.body.account_name(), attempt.body.addresses(),
               attempt.body.contact());
  record.set_linked_from(attempt.source);
  *record.mutable_establish_time() = store::ToTimestamp(ledger_.WallNow());
  store::v1::IssuedKey& key = *record.mutable_issued_key();
  key.clear_text();
  key.set_redeem_id(attempt.redeem_id.ToBytes());
  key.set_answer(response.SerializeAsString());
  linking.Update(*attempt.row, record);
  linking.Tell("LINKED", kByPeer, attempt.row,
               "linked with \"" + record.peer().account_name() + "\", from " +
                   attempt.source);
  transaction = std::move(linking);
  Verdict verdict(std::move(response));
  verdict.links = true;
  return verdict;
}

void Redemptions::ApplyCarried(const Attempt& attempt,
                               Transaction& transaction) const {
  const Termination::Caller caller{
      .account = attempt.account, .is_peer = [&](const store::v1::Peer& peer) {
        return HasRoot(peer, attempt.body.root_certificate());
      }};
  for (const v1::TerminateRequest& removal : attempt.body.removals()) {
    if (removal.interlink_id() == attempt.id.ToBytes()) continue;
    termination_.Apply(removal, caller, transaction);
  }
}

const Row* Redemptions::FindOtherRoot(const Attempt& attempt,
                                      const Transaction& transaction) const {
  for (const Row* other : ledger_.interlinks().WithPeer(attempt.account)) {
    if (other->Is(store::v1::ROW_STATE_ESTABLISHED) &&
        !transaction.Touches(other->id) &&
        !HasRoot(other->record.peer(), attempt.body.root_certificate()) &&
        (!attempt.is_proven || IsProven(other->record.peer()))) {
      return other;
    }
  }
  return nullptr;
}

void Redemptions::ReplaceOthers(const Attempt& attempt,
                                Transaction& transaction,
                                v1::RedeemResponse& response,
                                store::v1::InterlinkRecord& record) const {
  for (const Row* other : ledger_.interlinks().WithPeer(attempt.account)) {
    if (!other->Is(store::v1::ROW_STATE_ESTABLISHED) ||
        transaction.Touches(other->id)) {
      continue;
    }
    if (!HasRoot(other->record.peer(), attempt.body.root_certificate())) {
      // The id is the redeemer's own, so the other has claimed it falsely.
      transaction.Tell("IDENTITY_MISMATCH", kByDaemon, other,
                       "the other account has the id of another one, which has "
                       "proved that it is its own, from " +
                           attempt.source + "; ask whom you have linked here");
      continue;
    }
    // Either the redeemer has forgotten that link, or the two accounts are
    // making two links at once, and the answer says that this one replaces it.
    transaction.Bury(*other, store::v1::REMOVAL_CAUSE_REPLACED, attempt.id);
    transaction.Tell("REPLACED", kByPeer, other,
                     "replaced by a new link with the same account" +
                         TakeOverSettings(other->record, record));
    response.add_replaced_interlink_ids(other->id.ToBytes());
    // The administrator's latest name is kept.
    if (record.create_time() <= other->record.create_time()) {
      record.set_name(other->record.name());
    }
  }
}

v1::RedeemResponse Redemptions::Answer() const {
  v1::RedeemResponse response;
  response.set_account_name(settings_.account_name);
  response.set_root_certificate(identity_.root().ToDer());
  for (const std::string& address : settings_.addresses) {
    response.add_addresses(address);
  }
  response.set_contact(settings_.contact);
  response.set_protocol_version(kOwnProtocol);
  return response;
}

Redemptions::Verdict Redemptions::RefuseOtherRoot(const Attempt& attempt,
                                                  const Row& other) const {
  Verdict verdict(
      Refusal(Reason::kPeerIdentityMismatch,
              "the other account is linked with an account of the same id "
              "and another root; its administrator has to delete that "
              "interlink first"));
  verdict.event = EventOf("IDENTITY_MISMATCH", kByPeer, other.record,
                          "an account with this account's id but another root, "
                          "at " +
                              HostOfSource(attempt.source) + ", tried to link",
                          ledger_.WallNow());
  return verdict;
}

Redemptions::Verdict Redemptions::RefuseReuse(const Attempt& attempt) const {
  const std::string host = HostOfSource(attempt.source);
  Verdict verdict(
      Refusal(Reason::kKeyAlreadyUsed,
              "this key has linked an account already; ask for a new one"));
  verdict.event = EventOf(
      "KEY_REUSE_REFUSED", kByPeer, attempt.record(),
      attempt.IsByPeer()
          ? "the linked account, at " + host +
                ", tried to use this key once more, so it has lost this "
                "interlink, as an older copy of its store has; send it a new "
                "key, which replaces this interlink"
          : "somebody at " + host +
                " tried to use this key, which is used already; if that was "
                "not the account you sent it to, the key has leaked",
      ledger_.WallNow());
  return verdict;
}

}  // namespace interlink::federation
