#include "federation/ledger/tombstones.h"

#include <string>
#include <utility>

#include "federation/base/reread.h"
#include "federation/base/stored_record.h"

namespace interlink::federation {

absl::StatusOr<std::unique_ptr<Tombstones>> Tombstones::Open(
    store::Database& database) {
  std::unique_ptr<Tombstones> tombstones(new Tombstones(database));
  Tombstones* table = tombstones.get();
  table->subscription_ = database.Follow(
      std::string(store::kTombstonePrefix),
      {.on_commit = [table](store::Revision,
                            const auto& changes) { table->Apply(changes); },
       .on_reset = [table] { CheckReread(table->Load()); }});
  if (auto s = table->Load(); !s.ok()) return s;
  return tombstones;
}

absl::Status Tombstones::Load() {
  std::set<std::string> known;
  for (const auto& [id, age] : ages_) known.insert(store::TombstoneKey(id));
  auto changes = Reread(database_, store::kTombstonePrefix, std::move(known));
  if (!changes.ok()) return changes.status();
  Apply(*changes);
  return absl::OkStatus();
}

void Tombstones::Apply(const std::vector<store::Change>& changes) {
  for (const store::Change& change : changes) {
    const auto id = store::ParseIdKey(store::kTombstonePrefix, change.key);
    if (!id) continue;
    if (const auto old = ages_.extract(*id)) by_age_.erase(old.mapped());
    if (!change.value) continue;
    // A damaged tombstone is listed, too, and reading it gives the error.
    auto record = store::Decode<store::v1::InterlinkRecord>(*change.value);
    const RowAge age =
        record.ok() ? RowAge::Of(*id, *record) : RowAge{.micros = 0, .id = *id};
    ages_.emplace(*id, age);
    by_age_.insert(age);
  }
}

absl::StatusOr<std::optional<store::v1::InterlinkRecord>> Tombstones::Find(
    store::InterlinkId id) const {
  return ReadRecord<store::v1::InterlinkRecord>(database_,
                                                store::TombstoneKey(id));
}

}  // namespace interlink::federation
