#include "federation/ledger/interlinks.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/base/reread.h"
#include "google/protobuf/util/time_util.h"

namespace interlink::federation {
namespace {

// Whoever meets the name may have forgotten that row, above all if it never
// became a link.
absl::Status NameTakenBy(const store::v1::InterlinkRecord& record) {
  std::string sentence =
      "another interlink is named \"" + record.name() + "\", ";
  switch (record.state()) {
    case store::v1::ROW_STATE_PENDING:
      sentence +=
          "and its key was not entered yet: show that key again, delete that "
          "interlink, or choose another name";
      break;
    case store::v1::ROW_STATE_LINKING:
      sentence +=
          "and its key is still being tried: wait for it, delete that "
          "interlink, or choose another name";
      break;
    case store::v1::ROW_STATE_FAILED:
      sentence += "which has failed (" + record.failure().reason() +
                  "): delete that interlink, or choose another name";
      break;
    default:
      sentence += "which is linked: choose another name, or rename that one";
  }
  return Refusal(Reason::kNameTaken, sentence);
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

absl::StatusOr<std::unique_ptr<Interlinks>> Interlinks::Open(
    store::Database& database, EventLoop& loop) {
  std::unique_ptr<Interlinks> interlinks(new Interlinks(database, loop));
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
  interlinks->untold_.clear();  // Nobody observes yet.
  return interlinks;
}

std::unique_ptr<Observers<store::InterlinkId>::Subscription> Interlinks::Watch(
    const std::function<void(const Row&)>& found,
    Observers<store::InterlinkId>::Observer changed) {
  for (const auto& [id, row] : rows_) found(row);
  return observers_.Add(std::move(changed));
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

const Row* Interlinks::FindByDialPrefix(std::string_view prefix) const {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [prefix](const auto& row) {
        return row.second.record.dial_prefix() == prefix;
      });
  return prefix.empty() || found == rows_.end() ? nullptr : &found->second;
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
    return NameTakenBy(other->record);
  }
  return parsed;
}

const Row* Interlinks::SuccessorOf(
    const store::v1::InterlinkRecord& tombstone) const {
  const auto id =
      store::InterlinkId::FromBytes(tombstone.removal().successor_id());
  return id ? Find(*id) : nullptr;
}

absl::Status Interlinks::CheckRoom(int max_rows) const {
  if (rows_.size() < static_cast<size_t>(max_rows)) return absl::OkStatus();
  return Refusal(Reason::kLimitReached,
                 "this account has as many interlinks as it may have; delete "
                 "one first");
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

}  // namespace interlink::federation
