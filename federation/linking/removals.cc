#include "federation/linking/removals.h"

#include <algorithm>
#include <set>
#include <utility>

#include "federation/base/reason.h"
#include "federation/base/reread.h"
#include "federation/identity/pins.h"
#include "federation/identity/proof.h"
#include "federation/ledger/context.h"
#include "federation/linking/authorization_key.h"
#include "federation/linking/link_key.h"
#include "federation/linking/termination.h"
#include "google/protobuf/util/time_util.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

// How often the time for which a removal was tried is written.
constexpr std::chrono::hours kTriedStep{6};
// Not at the start: a clock that is wrong then is often put right soon.
constexpr std::chrono::hours kFirstSweep{1};
constexpr std::chrono::hours kSweepInterval{24};

v1::TerminateRequest RequestOf(const store::v1::OutboxRecord& record) {
  v1::TerminateRequest request;
  request.set_interlink_id(record.interlink_id());
  request.set_redeem_id(record.redeem_id());
  request.set_proof(record.proof());
  request.set_redeemed_proof(record.redeemed_proof());
  return request;
}

// Whether it is the same removal, which has only been tried for longer.
bool IsSame(store::v1::OutboxRecord a, store::v1::OutboxRecord b) {
  a.clear_tried();
  b.clear_tried();
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Removals>> Removals::Open(
    const Context& context) {
  std::unique_ptr<Removals> removals(new Removals(context));
  removals->subscription_ = context.database.Follow(
      std::string(store::kOutboxPrefix),
      {.on_commit =
           [removals = removals.get()](store::Revision, const auto& changes) {
             for (const store::Change& change : changes) {
               removals->Apply(change, /*is_found=*/false);
             }
           },
       .on_reset = [removals =
                        removals.get()] { CheckReread(removals->Load()); }});
  if (auto s = removals->Load(); !s.ok()) return s;
  removals->sweep_timer_ = context.loop.After(
      kFirstSweep,
      [removals = removals.get()] { removals->SweepTombstones(); });
  return removals;
}

absl::Status Removals::Load() {
  std::set<std::string> known;
  for (const auto& [id, delivery] : deliveries_) {
    known.insert(store::OutboxKey(id));
  }
  auto changes = Reread(context_.database, store::kOutboxPrefix, known);
  if (!changes.ok()) return changes.status();
  for (const store::Change& change : *changes) {
    // A row never changes, so one that was known is being delivered already.
    if (change.value && known.contains(change.key)) continue;
    Apply(change, /*is_found=*/true);
  }
  return absl::OkStatus();
}

Removals::~Removals() = default;

absl::Status Removals::DeleteInterlink(std::string_view text) {
  auto id = ParseInterlinkId(text);
  if (!id.ok()) return id.status();
  if (const Row* row = context_.interlinks.Find(*id)) return Delete(*row);
  auto tombstone = context_.interlinks.FindTombstone(*id);
  if (!tombstone.ok()) return tombstone.status();
  if (!*tombstone) return NoSuchInterlink();
  // The row may have ended as another name of one that stands.
  const auto successor =
      store::InterlinkId::FromBytes((*tombstone)->removal().successor_id());
  const Row* row = successor ? context_.interlinks.Find(*successor) : nullptr;
  return row != nullptr ? Delete(*row) : absl::OkStatus();
}

absl::Status Removals::Delete(const Row& row) {
  Transaction transaction = Begin(context_);
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_HERE);
  std::string_view kind = "DELETED";
  std::string_view message = "deleted; the other account is told";
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
      kind = "KEY_REVOKED";
      message = "deleted before its key was used; the key is worth nothing now";
      break;
    case store::v1::ROW_STATE_LINKING:
      kind = "CANCELLED";
      message = "deleted before it was linked; the other account is told";
      transaction.PutOutbox(OutboxFor(row));
      break;
    case store::v1::ROW_STATE_ESTABLISHED:
      transaction.PutOutbox(OutboxFor(row));
      break;
    default:
      message = "deleted";
      break;
  }
  transaction.Tell(kind, kByAdministrator, &row, std::string(message));
  if (auto s = transaction.Commit(); !s.ok()) return s;
  store::PassFailpoint("delete/committed");
  ++context_.counters.removals_made;
  return absl::OkStatus();
}

store::v1::OutboxRecord Removals::OutboxFor(const Row& row) const {
  store::v1::OutboxRecord removal;
  removal.set_interlink_id(row.id.ToBytes());
  *removal.mutable_peer() = row.record.peer();
  removal.set_manual_address(row.record.manual_address());
  *removal.mutable_create_time() = store::ToTimestamp(context_.loop.WallNow());
  if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) {
    removal.set_redeemed_proof(OwnRedeemedProof(context_, row.record));
  }
  if (row.Is(store::v1::ROW_STATE_LINKING)) {
    // The secret goes with the row; what it proves is kept.
    const auto& entered = row.record.entered_key();
    auto key = AuthorizationKey::FromBytes(entered.key());
    const auto redeem_id = store::RedeemId::FromBytes(entered.redeem_id());
    if (key.ok() && redeem_id) {
      removal.set_redeem_id(entered.redeem_id());
      removal.set_proof(CancelProof(ProofKey(key->secret),
                                    {key->interlink_id, key->issuer_account_id,
                                     key->issuer_root_spki_sha256},
                                    *redeem_id));
    }
  }
  return removal;
}

absl::Status Removals::Terminate(const PeerCaller& caller,
                                 const v1::TerminateRequest& request) {
  absl::Status wrong_dates;
  const auto is_caller = [&](const store::v1::Peer& pinned) {
    const auto until = VerifyPeer(PinOf(pinned), caller.certificate,
                                  TlsSide::kClient, context_.loop.WallNow());
    if (ReasonOf(until.status()) == Reason::kNotPermitted) {
      wrong_dates = until.status();
    }
    return until.ok();
  };
  const absl::Status status = TerminateBy(
      {.account = NamedAccount(caller.certificate), .is_peer = is_caller},
      request, /*confirm=*/false);
  // An OK would tell the peer that it need not come again, and one of the two
  // clocks will be put right.
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const bool had_no_effect = id && (context_.interlinks.Find(*id) != nullptr ||
                                    deliveries_.contains(*id));
  return status.ok() && had_no_effect ? wrong_dates : status;
}

absl::Status Removals::TerminateOverSession(store::InterlinkId session,
                                            const v1::TerminateRequest& request,
                                            bool confirm) {
  store::v1::Peer peer;
  if (const Row* row = context_.interlinks.Find(session)) {
    peer = row->record.peer();
  } else {
    auto tombstone = context_.interlinks.FindTombstone(session);
    if (!tombstone.ok()) return tombstone.status();
    if (*tombstone) peer = (*tombstone)->peer();
  }
  const auto is_caller = [&](const store::v1::Peer& pinned) {
    return pinned.account_id() == peer.account_id() &&
           pinned.root_certificates_size() > 0 &&
           peer.root_certificates_size() > 0 &&
           pinned.root_certificates(0) == peer.root_certificates(0);
  };
  return TerminateBy({.account = store::AccountId::FromBytes(peer.account_id()),
                      .is_peer = is_caller},
                     request, confirm);
}

absl::Status Removals::TerminateBy(const Terminator& caller,
                                   const v1::TerminateRequest& request,
                                   bool confirm) {
  store::PassFailpoint("delete/received");
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const auto delivery = id ? deliveries_.find(*id) : deliveries_.end();
  // Whoever asks for it has no such link any more: he has heard of its end
  // when he called, or has deleted it himself.
  if (delivery != deliveries_.end() &&
      caller.is_peer(delivery->second.record.peer())) {
    // The peer does not say it again after an OK.
    if (auto s = Delivered(*id); !s.ok()) return s;
  }
  Transaction transaction = Begin(context_);
  const Row* ended = ApplyTerminate(context_, transaction, request, caller);
  if (ended != nullptr && confirm) Confirm(context_, *ended, transaction);
  if (transaction.IsEmpty()) return absl::OkStatus();
  ++context_.counters.removals_received;
  if (auto s = transaction.Commit(); !s.ok()) return s;
  store::PassFailpoint("delete/confirming");
  return absl::OkStatus();
}

absl::Status Removals::RemovedByPeer(store::InterlinkId id) {
  const Row* row = context_.interlinks.Find(id);
  if (row == nullptr) return absl::OkStatus();
  Transaction transaction = Begin(context_);
  BuryAsAnswered(context_, *row, transaction);
  ++context_.counters.removals_received;
  return transaction.Commit();
}

void Removals::Apply(const store::Change& change, bool is_found) {
  const auto id = store::ParseIdKey(store::kOutboxPrefix, change.key);
  if (!id) return;
  if (!change.value) {
    deliveries_.erase(*id);
    return;
  }
  auto record = store::Decode<store::v1::OutboxRecord>(*change.value);
  if (!record.ok()) return;
  Delivery& delivery = deliveries_[*id];
  const bool is_same = IsSame(delivery.record, *record);
  delivery.record = *std::move(record);
  delivery.tried_from = context_.loop.Now();
  if (is_same) return;
  // At once if it was just written; spread after a start.
  const Duration delay =
      is_found ? context_.randomness.Between(Duration::zero(), kStartSpread)
               : Duration::zero();
  delivery.timer =
      context_.loop.After(delay, [this, id = *id] { Deliver(id); });
}

void Removals::Deliver(store::InterlinkId id) {
  Delivery& delivery = deliveries_.at(id);
  delivery.timer.reset();
  const store::v1::OutboxRecord& record = delivery.record;
  if (Tried(delivery) >= kOutboxLife) {
    Settle(id, "REMOVAL_GIVEN_UP",
           "the other account did not answer for 90 days")
        .IgnoreError();  // It is tried again.
    return;
  }
  store::PassFailpoint("delete/undelivered");
  delivery.rounds.Begin(AddressesOf(record));
  const bool is_said =
      over_session_ != nullptr &&
      over_session_(record.peer(), id, RequestOf(record),
                    [this, id](PeerAnswer<v1::TerminateResponse> answer) {
                      if (!deliveries_.contains(id)) return;
                      if (answer.status.ok()) {
                        Delivered(id).IgnoreError();  // It is asked again.
                      } else {
                        TryNextAddress(id);
                      }
                    });
  if (is_said) {
    ++context_.counters.removal_tries;
  } else {
    TryNextAddress(id);
  }
}

void Removals::PeerIsThere(store::AccountId account) {
  for (auto& [id, delivery] : deliveries_) {
    // One that waits for its time; others are being delivered.
    if (delivery.record.peer().account_id() != account.ToBytes() ||
        delivery.timer == nullptr) {
      continue;
    }
    delivery.timer =
        context_.loop.After(Duration::zero(), [this, id = id] { Deliver(id); });
  }
}

void Removals::TryNextAddress(store::InterlinkId id) {
  Delivery& delivery = deliveries_.at(id);
  if (!delivery.rounds.HasNext()) {
    RetryLater(delivery, id);
    return;
  }
  ++context_.counters.removal_tries;
  context_.peers.Terminate(
      {.address = delivery.rounds.Next(), .pin = PinOf(delivery.record.peer())},
      RequestOf(delivery.record), kCallTimeout,
      [this, id](PeerAnswer<v1::TerminateResponse> answer) {
        if (!deliveries_.contains(id)) return;  // A Redeem has carried it.
        if (answer.status.ok()) {
          Delivered(id).IgnoreError();  // It is asked again.
        } else {
          TryNextAddress(id);
        }
      });
}

absl::Status Removals::Delivered(store::InterlinkId id) {
  const bool is_removal = !deliveries_.at(id).record.confirms();
  const absl::Status settled = Settle(
      id, "REMOVAL_DELIVERED", "the other account has confirmed the deletion");
  if (settled.ok() && is_removal) ++context_.counters.removals_delivered;
  return settled;
}

Duration Removals::Tried(const Delivery& delivery) const {
  using google::protobuf::util::TimeUtil;
  return std::chrono::seconds(
             TimeUtil::DurationToSeconds(delivery.record.tried())) +
         (context_.loop.Now() - delivery.tried_from);
}

void Removals::NoteTried(const Delivery& delivery) {
  store::v1::OutboxRecord record = delivery.record;
  record.mutable_tried()->set_seconds(
      std::chrono::duration_cast<std::chrono::seconds>(Tried(delivery))
          .count());
  Transaction transaction = Begin(context_);
  transaction.PutOutbox(record);
  transaction.Commit().IgnoreError();  // It is tried for longer then.
}

void Removals::RetryLater(Delivery& delivery, store::InterlinkId id) {
  if (context_.loop.Now() - delivery.tried_from >= kTriedStep) {
    NoteTried(delivery);
  }
  delivery.timer = context_.loop.After(
      delivery.rounds.Pause(context_.randomness), [this, id] { Deliver(id); });
}

absl::Status Removals::Settle(store::InterlinkId id, std::string_view kind,
                              std::string message) {
  store::v1::InterlinkRecord about;
  about.set_id(id.ToBytes());
  auto tombstone = context_.interlinks.FindTombstone(id);
  if (tombstone.ok() && *tombstone) about.set_name((*tombstone)->name());
  Transaction transaction = Begin(context_);
  transaction.DeleteOutbox(id);
  if (!deliveries_.at(id).record.confirms()) {
    transaction.Tell(kind, kByDaemon, about, std::move(message));
  }
  store::PassFailpoint("delete/settling");
  const absl::Status committed = transaction.Commit();
  if (!committed.ok()) RetryLater(deliveries_.at(id), id);
  return committed;
}

size_t Removals::undelivered() const {
  return static_cast<size_t>(std::count_if(
      deliveries_.begin(), deliveries_.end(),
      [](const auto& delivery) { return !delivery.second.record.confirms(); }));
}

// So that what was removed long ago does not fill the store.
void Removals::SweepTombstones() {
  const WallTime now = context_.loop.WallNow();
  auto entries = context_.database.Scan(store::kTombstonePrefix);
  std::vector<store::Op> ops;
  for (const store::Entry& entry :
       entries.ok() ? *entries : std::vector<store::Entry>()) {
    auto record = store::Decode<store::v1::InterlinkRecord>(entry.value);
    if (!record.ok() || ops.size() == store::Database::kMaxOps) continue;
    if (store::FromTimestamp(record->removal().time()) <=
        now - kTombstoneLife) {
      ops.push_back(store::Op::Delete(entry.key));
    }
  }
  // What could not be written goes at a later sweep, what did not fit at one
  // that is near.
  const Duration delay = ops.size() == store::Database::kMaxOps
                             ? Duration(std::chrono::minutes(1))
                             : Duration(kSweepInterval);
  if (!ops.empty()) context_.database.Commit({}, ops).status().IgnoreError();
  sweep_timer_ = context_.loop.After(delay, [this] { SweepTombstones(); });
}

}  // namespace interlink::federation
