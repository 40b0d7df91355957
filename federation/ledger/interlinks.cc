#include "federation/ledger/interlinks.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <tuple>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/paging.h"
#include "federation/base/reread.h"
#include "federation/ledger/interlink_update.h"
#include "federation/ledger/transaction.h"
#include "google/protobuf/util/time_util.h"

namespace interlink::federation {
namespace {

using google::protobuf::util::TimeUtil;

api::Indicator IndicatorOf(const Row& row) {
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
    case store::v1::ROW_STATE_LINKING:
      return api::INDICATOR_GREY;
    case store::v1::ROW_STATE_ESTABLISHED:
      if (row.health == api::INTERLINK_HEALTH_CONNECTED) {
        return api::INDICATOR_GREEN;
      }
      if (row.health == api::INTERLINK_HEALTH_ORPHANED) {
        return api::INDICATOR_RED;
      }
      return api::INDICATOR_AMBER;
    default:
      return api::INDICATOR_RED;
  }
}

// What a row and a tombstone show alike.
api::Interlink ShowRecord(const store::v1::InterlinkRecord& record) {
  api::Interlink shown;
  if (auto id = store::InterlinkId::FromBytes(record.id())) {
    shown.set_id(id->ToHex());
  }
  shown.set_name(record.name());
  shown.set_state(static_cast<api::InterlinkState>(record.state()));
  shown.set_role(record.has_issued_key() ? api::INTERLINK_ROLE_ISSUER
                                         : api::INTERLINK_ROLE_REDEEMER);
  if (auto peer = store::AccountId::FromBytes(record.peer().account_id())) {
    shown.set_peer_account_id(peer->ToHex());
  }
  shown.set_peer_account_name(record.peer().account_name());
  shown.set_linked_from(record.linked_from());
  shown.set_priority(static_cast<int32_t>(record.priority()));
  shown.set_paused(record.paused());
  shown.set_manual_address(record.manual_address());
  *shown.mutable_create_time() = record.create_time();
  if (record.has_establish_time()) {
    *shown.mutable_establish_time() = record.establish_time();
  }
  return shown;
}

}  // namespace

store::AccountId Row::peer() const {
  return store::AccountId::FromBytes(record.peer().account_id())
      .value_or(store::AccountId());
}

absl::StatusOr<store::InterlinkId> ParseInterlinkId(std::string_view text) {
  auto id = store::InterlinkId::FromHex(text);
  if (!id) {
    return Refusal(Reason::kLinkNotFound,
                   "an interlink's id has 32 lower-case hexadecimal digits; "
                   "list the interlinks to find it");
  }
  return *id;
}

absl::Status NoSuchInterlink() {
  return Refusal(Reason::kLinkNotFound,
                 "there is no interlink with this id, or it was removed; list "
                 "the interlinks to find the one you mean");
}

Interlinks::Interlinks(store::Database& database, EventLog& events,
                       const Generation& generation, EventLoop& loop)
    : database_(database),
      events_(events),
      generation_(generation),
      loop_(loop) {}

absl::StatusOr<std::unique_ptr<Interlinks>> Interlinks::Open(
    store::Database& database, EventLog& events, const Generation& generation,
    EventLoop& loop) {
  std::unique_ptr<Interlinks> interlinks(
      new Interlinks(database, events, generation, loop));
  auto tombstones = Tombstones::Open(database);
  if (!tombstones.ok()) return tombstones.status();
  interlinks->tombstones_ = *std::move(tombstones);
  Interlinks* table = interlinks.get();
  interlinks->subscription_ = database.Follow(
      std::string(store::kInterlinkPrefix),
      {.on_commit = [table](store::Revision,
                            const auto& changes) { table->Apply(changes); },
       .on_reset = [table] { CheckReread(table->Load()); },
       .tell = [table] { table->Tell(); }});
  if (auto s = interlinks->Load(); !s.ok()) return s;
  interlinks->Tell();  // Nobody yet.
  return interlinks;
}

absl::Status Interlinks::Load() {
  std::set<std::string> known;
  for (const auto& [id, row] : rows_) known.insert(store::InterlinkKey(id));
  auto changes = Reread(database_, store::kInterlinkPrefix, std::move(known));
  if (!changes.ok()) return changes.status();
  for (const store::Change& change : *changes) {
    if (!change.value) continue;
    auto record = store::Decode<store::v1::InterlinkRecord>(*change.value);
    if (!record.ok()) return record.status();
  }
  Apply(*changes);
  return absl::OkStatus();
}

void Interlinks::Apply(const std::vector<store::Change>& changes) {
  for (const store::Change& change : changes) {
    const auto id = store::ParseIdKey(store::kInterlinkPrefix, change.key);
    if (!id) continue;
    Apply(*id, change);
    untold_.push_back(*id);
  }
}

void Interlinks::Apply(store::InterlinkId id, const store::Change& change) {
  const auto old = rows_.find(id);
  if (old != rows_.end()) {
    by_name_.erase({FoldedName(old->second.record.name()), id});
  }
  if (old != rows_.end()) by_age_.erase(RowAge::Of(id, old->second.record));
  if (!change.value) {
    if (old != rows_.end()) rows_.erase(old);
    return;
  }
  auto record = store::Decode<store::v1::InterlinkRecord>(*change.value);
  if (!record.ok()) return;  // Checked when it was read or written.
  Row& row = rows_[id];
  const bool is_new_state = row.record.state() != record->state();
  row.id = id;
  row.record = *std::move(record);
  row.revision = change.revision;
  by_name_.insert({FoldedName(row.record.name()), id});
  by_age_.insert(RowAge::Of(id, row.record));
  if (is_new_state) {
    // What was known of the row in its former state is no longer true.
    row.health = api::INTERLINK_HEALTH_UNSPECIFIED;
    row.last_error.clear();
    row.last_error_reason.clear();
    row.next_try.reset();
  }
}

const Row* Interlinks::Find(store::InterlinkId id) const {
  assert(loop_.IsOnLoop());
  const auto row = rows_.find(id);
  return row == rows_.end() ? nullptr : &row->second;
}

const Row* Interlinks::FindByName(std::string_view name) const {
  const std::vector<const Row*> same = WithNameLike(name);
  for (const Row* row : same) {
    if (row->record.name() == name) return row;
  }
  return same.empty() ? nullptr : same.front();
}

std::vector<const Row*> Interlinks::WithNameLike(std::string_view name) const {
  const std::string folded = FoldedName(name);
  std::vector<const Row*> found;
  for (auto entry = by_name_.lower_bound({folded, store::InterlinkId()});
       entry != by_name_.end() && entry->first == folded; ++entry) {
    found.push_back(Find(entry->second));
  }
  return found;
}

std::vector<const Row*> Interlinks::WithPeer(store::AccountId account) const {
  std::vector<const Row*> found;
  for (const auto& [id, row] : rows_) {
    if (row.peer() == account) found.push_back(&row);
  }
  std::sort(found.begin(), found.end(), [](const Row* a, const Row* b) {
    return a->record.create_time() < b->record.create_time();
  });
  return found;
}

absl::StatusOr<std::string> Interlinks::CheckName(std::string_view name,
                                                  const Row* except) const {
  auto parsed = ParseName(name, "the name of an interlink");
  if (!parsed.ok()) return parsed;
  for (const Row* other : WithNameLike(*parsed)) {
    if (other == except) continue;
    return Refusal(Reason::kNameTaken, "another interlink is named \"" +
                                           other->record.name() +
                                           "\"; choose another name");
  }
  return parsed;
}

void Interlinks::SetHealth(store::InterlinkId id, api::InterlinkHealth health) {
  const auto row = rows_.find(id);
  if (row == rows_.end() || row->second.health == health) return;
  row->second.health = health;
  row->second.health_since = loop_.WallNow();
  observers_.Tell(id);
}

void Interlinks::SetAnswered(store::InterlinkId id,
                             std::optional<Duration> round_trip) {
  const auto row = rows_.find(id);
  if (row == rows_.end()) return;
  row->second.last_answer = loop_.WallNow();
  if (round_trip) row->second.round_trip = round_trip;
}

void Interlinks::SetTrouble(store::InterlinkId id, const absl::Status& error,
                            std::optional<WallTime> next_try) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  Row& row = found->second;
  std::string reason;
  std::string message;
  if (!error.ok()) {
    reason = ReasonName(ReasonOf(error).value_or(Reason::kPeerUnreachable));
    message = SentenceOf(error);
  }
  if (row.last_error_reason == reason && row.last_error == message &&
      row.next_try == next_try) {
    return;
  }
  row.last_error_reason = std::move(reason);
  row.last_error = std::move(message);
  row.next_try = next_try;
  observers_.Tell(id);
}

absl::StatusOr<api::Interlink> Interlinks::Get(std::string_view text) const {
  auto id = ParseInterlinkId(text);
  if (!id.ok()) return id.status();
  if (const Row* row = Find(*id)) return Show(*row);
  auto tombstone = FindTombstone(*id);
  if (!tombstone.ok()) return tombstone.status();
  if (!*tombstone) return NoSuchInterlink();
  return ShowTombstone(**tombstone);
}

absl::StatusOr<api::ListInterlinksResponse> Interlinks::List(
    const api::ListInterlinksRequest& request) const {
  // No row has the id of the first age of all.
  std::optional<RowAge> after = RowAge{};
  if (!request.page_token().empty()) {
    after = RowAge::Parse(request.page_token());
    if (!after) return BadPageToken();
  }
  const std::set<RowAge>& removed = tombstones_->by_age();
  auto row = by_age_.upper_bound(*after);
  auto tombstone =
      request.show_removed() ? removed.upper_bound(*after) : removed.end();
  api::ListInterlinksResponse response;
  const auto size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  while (row != by_age_.end() || tombstone != removed.end()) {
    if (static_cast<size_t>(response.interlinks_size()) == *size) {
      response.set_next_page_token(after->ToText());
      break;
    }
    const bool is_row = tombstone == removed.end() ||
                        (row != by_age_.end() && *row < *tombstone);
    after = is_row ? *row++ : *tombstone++;
    if (is_row) {
      *response.add_interlinks() = Show(*Find(after->id));
      continue;
    }
    auto record = FindTombstone(after->id);
    if (!record.ok()) return record.status();
    if (*record) *response.add_interlinks() = ShowTombstone(**record);
  }
  return response;
}

absl::StatusOr<api::Interlink> Interlinks::Update(
    const api::UpdateInterlinkRequest& request) {
  auto id = ParseInterlinkId(request.interlink().id());
  if (!id.ok()) return id.status();
  const Row* row = Find(*id);
  if (row == nullptr) return NoSuchInterlink();
  Transaction transaction(database_, events_, generation_, loop_.WallNow());
  store::v1::InterlinkRecord record = row->record;
  if (request.update_mask().paths().empty()) {
    return Refusal(Reason::kRequestInvalid,
                   "update_mask is empty; name what is to change");
  }
  for (const std::string& path : request.update_mask().paths()) {
    absl::Status status =
        SetField(*this, path, request.interlink(), *row, record, transaction);
    if (!status.ok()) return status;
  }
  transaction.Update(*row, record);
  if (absl::Status status = transaction.Commit(); !status.ok()) return status;
  return Show(*Find(*id));
}

api::Interlink Interlinks::Show(const Row& row) {
  api::Interlink shown = ShowRecord(row.record);
  shown.set_health(row.health);
  shown.set_indicator(IndicatorOf(row));
  if (row.health != api::INTERLINK_HEALTH_UNSPECIFIED) {
    *shown.mutable_health_since_time() = store::ToTimestamp(row.health_since);
  }
  if (row.Is(store::v1::ROW_STATE_FAILED)) {
    shown.mutable_last_error()->set_reason(row.record.failure().reason());
    shown.mutable_last_error()->set_message(row.record.failure().message());
  } else if (!row.last_error_reason.empty()) {
    shown.mutable_last_error()->set_reason(row.last_error_reason);
    shown.mutable_last_error()->set_message(row.last_error);
  }
  if (row.next_try) {
    *shown.mutable_next_try_time() = store::ToTimestamp(*row.next_try);
  }
  if (row.round_trip) {
    *shown.mutable_round_trip() = TimeUtil::NanosecondsToDuration(
        std::chrono::nanoseconds(*row.round_trip).count());
  }
  if (row.last_answer) {
    *shown.mutable_last_answer_time() = store::ToTimestamp(*row.last_answer);
  }
  if (row.record.has_issued_key() && row.Is(store::v1::ROW_STATE_PENDING) &&
      row.record.issued_key().has_expire_time()) {
    *shown.mutable_key_expire_time() = row.record.issued_key().expire_time();
  }
  return shown;
}

api::Interlink Interlinks::ShowTombstone(
    const store::v1::InterlinkRecord& record) {
  api::Interlink shown = ShowRecord(record);
  shown.set_indicator(api::INDICATOR_RED);
  *shown.mutable_remove_time() = record.removal().time();
  return shown;
}

}  // namespace interlink::federation
