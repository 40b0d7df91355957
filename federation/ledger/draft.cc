#include "federation/ledger/draft.h"

#include <utility>

namespace interlink::federation {
namespace {

size_t BytesOf(const Changes& changes) {
  size_t bytes = store::BytesOf(changes.ops);
  for (const store::v1::EventRecord& event : changes.events) {
    bytes += event.ByteSizeLong() + store::EventKey(0).size();
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::optional<store::Entry>> Draft::Get(
    std::string_view key) const {
  const auto changed = changed_.find(key);
  if (changed == changed_.end()) return database_.Get(key);
  if (!changed->second.value) return std::nullopt;
  return store::Entry{std::string(key), *changed->second.value};
}

absl::StatusOr<ptrdiff_t> Draft::Growth(std::string_view prefix) const {
  ptrdiff_t growth = 0;
  for (auto i = changed_.lower_bound(prefix);
       i != changed_.end() && i->first.starts_with(prefix); ++i) {
    const Changed& changed = i->second;
    if (!changed.is_stored) {
      const auto stored = database_.Get(i->first);
      if (!stored.ok()) return stored.status();
      changed.is_stored = stored->has_value();
    }
    growth += static_cast<ptrdiff_t>(changed.value.has_value()) -
              static_cast<ptrdiff_t>(*changed.is_stored);
  }
  return growth;
}

bool Draft::Touches(const Subject& subject) const {
  switch (subject.kind) {
    case Subject::Kind::kNoLink:
      return false;
    case Subject::Kind::kLink:
      return Touches(store::InterlinkKey(subject.id)) ||
             Touches(store::TombstoneKey(subject.id)) ||
             Touches(store::OutboxKey(subject.id));
    case Subject::Kind::kAllLinks:
      break;
  }
  const auto any = [this](std::string_view prefix) {
    const auto first = changed_.lower_bound(prefix);
    return first != changed_.end() && first->first.starts_with(prefix);
  };
  return any(store::kInterlinkPrefix) || any(store::kTombstonePrefix) ||
         any(store::kOutboxPrefix) || Touches(store::kGenerationKey);
}

bool Draft::HasRoomFor(const Changes& changes) const {
  const size_t ops = changed_.size() + changes.ops.size() +
                     (events_.size() + changes.events.size()) * kMostOpsOfEvent;
  return ops <= database_.max_bulk_ops() &&
         bytes_ + BytesOf(changes) <= store::kMaxCommitBytes;
}

void Draft::Add(Changes changes) {
  bytes_ += BytesOf(changes);
  moves_generation_ |= changes.moves_generation;
  for (store::Op& op : changes.ops) {
    changed_[std::move(op.key)].value = std::move(op.value);
  }
  for (store::v1::EventRecord& event : changes.events) {
    events_.push_back(std::move(event));
  }
}

Changes Draft::Take() {
  Changes all;
  for (auto& [key, changed] : std::exchange(changed_, {})) {
    all.ops.push_back({key, std::move(changed.value)});
  }
  all.events = std::exchange(events_, {});
  all.moves_generation = std::exchange(moves_generation_, false);
  bytes_ = 0;
  return all;
}

}  // namespace interlink::federation
