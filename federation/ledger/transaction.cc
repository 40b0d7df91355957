#include "federation/ledger/transaction.h"

#include <utility>

namespace interlink::federation {

void Transaction::Insert(const store::v1::InterlinkRecord& record) {
  const auto id = *store::InterlinkId::FromBytes(record.id());
  touched_.insert(id);
  moves_generation_ = true;
  ops_.push_back(
      store::Op::Put(store::InterlinkKey(id), store::Encode(record)));
}

void Transaction::Update(const Row& row,
                         const store::v1::InterlinkRecord& record) {
  touched_.insert(row.id);
  moves_generation_ |= record.state() != row.record.state() ||
                       record.issued_key().burnt_redeem_ids_size() !=
                           row.record.issued_key().burnt_redeem_ids_size();
  ops_.push_back(
      store::Op::Put(store::InterlinkKey(row.id), store::Encode(record)));
}

void Transaction::Bury(const Row& row, store::v1::RemovalCause cause,
                       std::optional<store::InterlinkId> successor) {
  touched_.insert(row.id);
  moves_generation_ = true;
  store::v1::InterlinkRecord tombstone = row.record;
  store::v1::Removal& removal = *tombstone.mutable_removal();
  *removal.mutable_time() = store::ToTimestamp(now_);
  removal.set_cause(cause);
  removal.set_last_state(row.record.state());
  if (successor) removal.set_successor_id(successor->ToBytes());
  tombstone.set_state(store::v1::ROW_STATE_REMOVED);
  if (tombstone.has_issued_key()) {
    tombstone.mutable_issued_key()->clear_text();
    tombstone.mutable_issued_key()->clear_answer();
  }
  if (tombstone.has_entered_key()) {
    tombstone.mutable_entered_key()->clear_key();
  }
  ops_.push_back(store::Op::Delete(store::InterlinkKey(row.id)));
  ops_.push_back(
      store::Op::Put(store::TombstoneKey(row.id), store::Encode(tombstone)));
}

void Transaction::Erase(const Row& row) {
  touched_.insert(row.id);
  moves_generation_ = true;
  ops_.push_back(store::Op::Delete(store::InterlinkKey(row.id)));
}

void Transaction::Forget(store::InterlinkId id) {
  ops_.push_back(store::Op::Delete(store::TombstoneKey(id)));
}

void Transaction::PutOutbox(const store::v1::OutboxRecord& record) {
  const auto id = *store::InterlinkId::FromBytes(record.interlink_id());
  ops_.push_back(store::Op::Put(store::OutboxKey(id), store::Encode(record)));
}

void Transaction::DeleteOutbox(store::InterlinkId id) {
  ops_.push_back(store::Op::Delete(store::OutboxKey(id)));
}

void Transaction::Tell(std::string_view kind, std::string_view actor,
                       const Row* row, std::string message) {
  Tell(kind, actor, row != nullptr ? row->record : store::v1::InterlinkRecord(),
       std::move(message));
}

void Transaction::Tell(std::string_view kind, std::string_view actor,
                       const store::v1::InterlinkRecord& about,
                       std::string message) {
  told_.push_back(EventOf(kind, actor, about, std::move(message), now_));
}

Changes Transaction::Take() {
  return {.ops = std::exchange(ops_, {}),
          .events = std::exchange(told_, {}),
          .moves_generation = moves_generation_ && !keeps_generation_};
}

store::v1::EventRecord EventOf(std::string_view kind, std::string_view actor,
                               const store::v1::InterlinkRecord& about,
                               std::string message, WallTime time) {
  store::v1::EventRecord event;
  *event.mutable_time() = store::ToTimestamp(time);
  event.set_kind(std::string(kind));
  event.set_actor(std::string(actor));
  event.set_interlink_id(about.id());
  event.set_interlink_name(about.name());
  event.set_message(std::move(message));
  return event;
}

}  // namespace interlink::federation
