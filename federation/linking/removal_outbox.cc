#include "federation/linking/removal_outbox.h"

#include <algorithm>
#include <set>

#include "federation/base/reread.h"
#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/identity/proof.h"
#include "federation/linking/authorization_key.h"
#include "federation/linking/link_key.h"
#include "google/protobuf/util/time_util.h"
#include "store/failpoint.h"

namespace interlink::federation {
namespace {

// How often the time for which a removal was tried is written.
constexpr std::chrono::hours kTriedStep{6};

v1::TerminateRequest RequestOf(const store::v1::OutboxRecord& record) {
  v1::TerminateRequest request;
  request.set_interlink_id(record.interlink_id());
  request.set_redeem_id(record.redeem_id());
  request.set_proof(record.proof());
  request.set_redeemed_proof(record.redeemed_proof());
  return request;
}

// Whether the two are one removal, which has only been tried for longer.
bool IsSame(store::v1::OutboxRecord a, store::v1::OutboxRecord b) {
  a.clear_tried();
  b.clear_tried();
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

RemovalOutbox::RemovalOutbox(const Identity& identity, Ledger& ledger,
                             EventLoop& loop, Randomness& randomness,
                             PeerClient& peers, Counters& counters)
    : identity_(identity),
      ledger_(ledger),
      loop_(loop),
      randomness_(randomness),
      peers_(peers),
      counters_(counters) {}

absl::StatusOr<std::unique_ptr<RemovalOutbox>> RemovalOutbox::Open(
    const Identity& identity, Ledger& ledger, EventLoop& loop,
    Randomness& randomness, PeerClient& peers, Counters& counters) {
  std::unique_ptr<RemovalOutbox> outbox(
      new RemovalOutbox(identity, ledger, loop, randomness, peers, counters));
  outbox->subscription_ = ledger.database().Follow(
      std::string(store::kOutboxPrefix),
      {.on_commit =
           [outbox = outbox.get()](store::Revision, const auto& changes) {
             for (const store::Change& change : changes) {
               outbox->Apply(change, /*is_found=*/false);
             }
           },
       .on_reset = [outbox = outbox.get()] { CheckReread(outbox->Load()); }});
  if (auto s = outbox->Load(); !s.ok()) return s;
  return outbox;
}

absl::Status RemovalOutbox::Load() {
  std::set<std::string> known;
  for (const auto& [id, delivery] : deliveries_) {
    known.insert(store::OutboxKey(id));
  }
  auto changes = Reread(ledger_.database(), store::kOutboxPrefix, known);
  if (!changes.ok()) return changes.status();
  for (const store::Change& change : *changes) {
    // What was known is being delivered already: nothing but the time for which
    // it was tried ever changes in a record.
    if (change.value && known.contains(change.key)) continue;
    Apply(change, /*is_found=*/true);
  }
  return absl::OkStatus();
}

void RemovalOutbox::Apply(const store::Change& change, bool is_found) {
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
  delivery.tried_from = loop_.Now();
  if (is_same) return;
  // At once if it was just written; spread after a start.
  const Duration delay =
      is_found ? randomness_.Between(Duration::zero(), kStartSpread)
               : Duration::zero();
  delivery.next_round = loop_.After(delay, [this, id = *id] { Deliver(id); });
}

store::v1::OutboxRecord RemovalOutbox::RecordFor(const Row& row) const {
  store::v1::OutboxRecord record;
  record.set_interlink_id(row.id.ToBytes());
  *record.mutable_peer() = row.record.peer();
  record.set_manual_address(row.record.manual_address());
  *record.mutable_create_time() = store::ToTimestamp(ledger_.WallNow());
  return record;
}

void RemovalOutbox::AddRemoval(const Row& row, Transaction& transaction) const {
  store::v1::OutboxRecord removal = RecordFor(row);
  if (row.Is(store::v1::ROW_STATE_LINKING)) {
    // The secret goes with the row; what it proves is kept.
    const v1::TerminateRequest cancel = CancelRequest(row);
    removal.set_redeem_id(cancel.redeem_id());
    removal.set_proof(cancel.proof());
  } else {
    removal.set_redeemed_proof(OwnRedeemedProof(identity_, row.record));
  }
  transaction.PutOutbox(removal);
  AddReplaced(row, transaction);
}

void RemovalOutbox::AddConfirmation(const Row& row,
                                    Transaction& transaction) const {
  store::v1::OutboxRecord confirmation = RecordFor(row);
  confirmation.set_confirms(true);
  // An attempt that was refused has not used the key up.
  if (row.Is(store::v1::ROW_STATE_ESTABLISHED)) {
    confirmation.set_redeemed_proof(OwnRedeemedProof(identity_, row.record));
  }
  transaction.PutOutbox(confirmation);
  AddReplaced(row, transaction);
}

void RemovalOutbox::AddReplaced(const Row& row,
                                Transaction& transaction) const {
  for (const std::string& id : ReplacedBy(row.record)) {
    store::v1::OutboxRecord confirmation = RecordFor(row);
    confirmation.set_interlink_id(id);
    confirmation.set_confirms(true);
    transaction.PutOutbox(confirmation);
  }
}

void RemovalOutbox::DeliverTo(store::AccountId account) {
  for (auto& [id, delivery] : deliveries_) {
    if (delivery.record.peer().account_id() == account.ToBytes() &&
        delivery.next_round != nullptr) {
      delivery.next_round =
          loop_.After(Duration::zero(), [this, id = id] { Deliver(id); });
    }
  }
}

const store::v1::OutboxRecord* RemovalOutbox::Find(
    store::InterlinkId id) const {
  const auto found = deliveries_.find(id);
  return found != deliveries_.end() ? &found->second.record : nullptr;
}

std::vector<v1::TerminateRequest> RemovalOutbox::ToCarry(
    store::AccountId account) const {
  std::vector<v1::TerminateRequest> carried;
  for (const auto& [id, delivery] : deliveries_) {
    if (carried.size() == kMaxCarried) break;
    if (delivery.record.peer().account_id() == account.ToBytes()) {
      carried.push_back(RequestOf(delivery.record));
    }
  }
  return carried;
}

void RemovalOutbox::Deliver(store::InterlinkId id) {
  Delivery& delivery = deliveries_.at(id);
  delivery.next_round.reset();
  const store::v1::OutboxRecord& record = delivery.record;
  if (Tried(delivery) >= kOutboxLife) {
    GiveUp(id);
    return;
  }
  store::PassFailpoint("delete/undelivered");
  delivery.rounds.Begin(AddressesOf(record));
  const bool is_said =
      session_route_ != nullptr &&
      session_route_(record.peer(), id, RequestOf(record),
                     [this, id](PeerAnswer<v1::TerminateResponse> answer) {
                       Answered(id, answer);
                     });
  if (is_said) {
    ++counters_.removal_tries;
  } else {
    TryNextAddress(id);
  }
}

void RemovalOutbox::TryNextAddress(store::InterlinkId id) {
  Delivery& delivery = deliveries_.at(id);
  if (!delivery.rounds.HasNext()) {
    RetryLater(id, delivery);
    return;
  }
  ++counters_.removal_tries;
  peers_.Terminate(
      {.address = delivery.rounds.Next(), .pin = PinOf(delivery.record.peer())},
      RequestOf(delivery.record), kCallTimeout,
      [this, id](PeerAnswer<v1::TerminateResponse> answer) {
        Answered(id, answer);
      });
}

void RemovalOutbox::Answered(store::InterlinkId id,
                             const PeerAnswer<v1::TerminateResponse>& answer) {
  if (!deliveries_.contains(id)) return;  // A Redeem has carried it.
  if (answer.status.ok()) {
    Delivered(id);
  } else {
    TryNextAddress(id);
  }
}

void RemovalOutbox::Submit(store::InterlinkId id,
                           absl::AnyInvocable<void(Transaction&)> decide,
                           Decisions::Done done) {
  ledger_.Submit(
      Subject::Link(id),
      [this, id, decide = std::move(decide)](Transaction& transaction) mutable {
        if (deliveries_.contains(id)) decide(transaction);
        return absl::OkStatus();
      },
      [this, id, done = std::move(done)](const absl::Status& status) mutable {
        const auto left = deliveries_.find(id);
        if (!status.ok() && left != deliveries_.end()) {
          RetryLater(id, left->second);
        }
        done(status);
      });
}

void RemovalOutbox::Delivered(store::InterlinkId id) {
  const bool is_removal = !deliveries_.at(id).record.confirms();
  store::PassFailpoint("delete/settling");
  Submit(
      id,
      [this, id](Transaction& transaction) { AddDelivered(id, transaction); },
      [this, is_removal](const absl::Status& status) {
        if (status.ok() && is_removal) ++counters_.removals_delivered;
      });
}

void RemovalOutbox::GiveUp(store::InterlinkId id) {
  Submit(
      id,
      [this, id](Transaction& transaction) {
        AddSettled(id, "REMOVAL_GIVEN_UP",
                   "the other account did not answer for 90 days", transaction);
      },
      [](const absl::Status&) {});
}

bool RemovalOutbox::AddDelivered(store::InterlinkId id,
                                 Transaction& transaction) const {
  AddSettled(id, "REMOVAL_DELIVERED",
             "the other account has confirmed the deletion", transaction);
  return !deliveries_.at(id).record.confirms();
}

void RemovalOutbox::AddSettled(store::InterlinkId id, std::string_view kind,
                               std::string message,
                               Transaction& transaction) const {
  transaction.DeleteOutbox(id);
  if (deliveries_.at(id).record.confirms()) return;
  store::v1::InterlinkRecord about;
  about.set_id(id.ToBytes());
  auto tombstone = ledger_.interlinks().FindTombstone(id);
  if (tombstone.ok() && *tombstone) about.set_name((*tombstone)->name());
  transaction.Tell(kind, kByDaemon, about, std::move(message));
}

void RemovalOutbox::RetryLater(store::InterlinkId id, Delivery& delivery) {
  if (loop_.Now() - delivery.tried_from >= kTriedStep) StoreTried(delivery);
  delivery.next_round = loop_.After(delivery.rounds.Pause(randomness_),
                                    [this, id] { Deliver(id); });
}

Duration RemovalOutbox::Tried(const Delivery& delivery) const {
  using google::protobuf::util::TimeUtil;
  return std::chrono::seconds(
             TimeUtil::DurationToSeconds(delivery.record.tried())) +
         (loop_.Now() - delivery.tried_from);
}

void RemovalOutbox::StoreTried(const Delivery& delivery) {
  store::v1::OutboxRecord record = delivery.record;
  record.mutable_tried()->set_seconds(
      std::chrono::duration_cast<std::chrono::seconds>(Tried(delivery))
          .count());
  const auto id = *store::InterlinkId::FromBytes(record.interlink_id());
  ledger_.Submit(
      Subject::Link(id),
      [this, id, record = std::move(record)](Transaction& transaction) {
        const store::v1::OutboxRecord* now = Find(id);
        if (now != nullptr && IsSame(*now, record)) {
          transaction.PutOutbox(record);
        }
        return absl::OkStatus();
      },
      [](const absl::Status&) {});  // Then it is tried for longer.
}

size_t RemovalOutbox::undelivered() const {
  return static_cast<size_t>(std::count_if(
      deliveries_.begin(), deliveries_.end(),
      [](const auto& delivery) { return !delivery.second.record.confirms(); }));
}

std::optional<WallTime> RemovalOutbox::oldest_undelivered() const {
  std::optional<WallTime> oldest;
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.record.confirms()) continue;
    const WallTime made = store::FromTimestamp(delivery.record.create_time());
    if (!oldest || made < *oldest) oldest = made;
  }
  return oldest;
}

}  // namespace interlink::federation
