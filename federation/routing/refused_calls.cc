#include "federation/routing/refused_calls.h"

#include <string>
#include <utility>

namespace interlink::federation {
namespace {

constexpr std::chrono::minutes kBetween{1};
constexpr std::string_view kKind = "CALL_REFUSED";

// One sentence for each reason; with its count if there are several.
std::string InWords(const std::map<std::string_view, uint64_t>& untold) {
  if (untold.size() == 1) return std::string(untold.begin()->first);
  std::string text;
  for (const auto& [why, count] : untold) {
    text += (text.empty() ? "" : ". ") + std::to_string(count) +
            (count == 1 ? " call: " : " calls: ") + std::string(why);
  }
  return text;
}

uint64_t SumOf(const std::map<std::string_view, uint64_t>& untold) {
  uint64_t sum = 0;
  for (const auto& [why, count] : untold) sum += count;
  return sum;
}

}  // namespace

void RefusedCalls::Note(std::optional<store::InterlinkId> link,
                        std::string_view why) {
  const store::InterlinkId id = link.value_or(store::InterlinkId());
  {
    absl::MutexLock lock(&mutex_);
    const auto [untold, is_new] = untold_.try_emplace(id);
    ++untold->second[why];
    if (!is_new) return;
  }
  loop_.Post([this, weak = std::weak_ptr<bool>(alive_), id] {
    if (!weak.expired()) Tell(id);
  });
}

void RefusedCalls::Tell(store::InterlinkId link) {
  Untold untold;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = untold_.find(link);
    untold = std::exchange(found->second, {});
    if (untold.empty()) untold_.erase(found);
  }
  if (untold.empty()) {
    minutes_.erase(link);
    return;
  }
  minutes_[link] = loop_.After(kBetween, [this, link] { Tell(link); });
  if (link == store::InterlinkId()) {
    store::v1::EventRecord event =
        EventOf(kKind, kByPeer, {}, InWords(untold), ledger_.WallNow());
    event.set_count(SumOf(untold));
    // If it is lost, the counters tell of it all the same.
    ledger_.Submit(
        [event](const Draft&) {
          return Changes{{}, {event}};
        },
        [](const absl::Status&) {});
  } else if (const Row* row = ledger_.interlinks().Find(link)) {
    events_.Tell(kKind, kByPeer, row->record, InWords(untold), SumOf(untold));
  }
}

}  // namespace interlink::federation
