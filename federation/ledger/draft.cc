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

ptrdiff_t Draft::Growth(std::string_view prefix) const {
  ptrdiff_t growth = 0;
  for (auto i = changed_.lower_bound(prefix);
       i != changed_.end() && i->first.starts_with(prefix); ++i) {
    growth += static_cast<ptrdiff_t>(i->second.value.has_value()) -
              static_cast<ptrdiff_t>(i->second.is_stored);
  }
  return growth;
}

bool Draft::HasRoomFor(const Changes& changes) const {
  const size_t ops = changed_.size() + changes.ops.size() +
                     (events_.size() + changes.events.size()) * kMostOpsOfEvent;
  return ops <= database_.max_bulk_ops() &&
         bytes_ + BytesOf(changes) <= store::kMaxCommitBytes;
}

void Draft::Add(Changes changes) {
  bytes_ += BytesOf(changes);
  for (store::Op& op : changes.ops) {
    const auto changed = changed_.find(op.key);
    if (changed != changed_.end()) {
      changed->second.value = std::move(op.value);
      continue;
    }
    const bool is_stored =
        database_.Get(op.key).value_or(std::nullopt).has_value();
    changed_.emplace(std::move(op.key),
                     Changed{std::move(op.value), is_stored});
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
  bytes_ = 0;
  return all;
}

}  // namespace interlink::federation
