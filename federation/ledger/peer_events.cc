#include "federation/ledger/peer_events.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "federation/ledger/transaction.h"

namespace interlink::federation {
namespace {

// One commit writes events of at most this many links.
constexpr size_t kWrittenAtOnce = 16;

}  // namespace

PeerEvents::PeerEvents(Ledger& ledger, EventLoop& loop, LinkBudget& budget)
    : ledger_(ledger),
      budget_(budget),
      round_(loop,
             [this](store::InterlinkId from) { return WriteSome(from); }) {}

void PeerEvents::Tell(std::string_view kind, std::string_view actor,
                      const store::v1::InterlinkRecord& about,
                      std::string message, uint64_t count) {
  auto event =
      EventOf(kind, actor, about, std::move(message), ledger_.WallNow());
  if (count > 1) event.set_count(count);
  Tell(std::move(event));
}

void PeerEvents::Tell(store::v1::EventRecord event) {
  const auto id = store::InterlinkId::FromBytes(event.interlink_id());
  if (!id) return;
  Add(std::move(event), waiting_[*id]);
  round_.Changed();
}

void PeerEvents::Add(store::v1::EventRecord event, Waiting& waiting) {
  const auto is_of_kind = [&event](const store::v1::EventRecord& other) {
    return other.kind() == event.kind();
  };
  const auto is_equal = [&](const store::v1::EventRecord& other) {
    return is_of_kind(other) && other.message() == event.message();
  };
  auto former = std::find_if(waiting.rbegin(), waiting.rend(), is_equal);
  const size_t of_kind = static_cast<size_t>(
      std::count_if(waiting.begin(), waiting.end(), is_of_kind));
  if (former == waiting.rend() && of_kind >= kMostOfOneKind) {
    former = std::find_if(waiting.rbegin(), waiting.rend(), is_of_kind);
  }
  if (former == waiting.rend()) {
    waiting.push_back(std::move(event));
    return;
  }
  event.set_count(std::max<uint64_t>(former->count(), 1) +
                  std::max<uint64_t>(event.count(), 1));
  *event.mutable_last_time() = event.time();
  *event.mutable_time() = former->time();
  *former = std::move(event);
}

std::optional<store::InterlinkId> PeerEvents::WriteSome(
    store::InterlinkId from) {
  Changes changes;
  std::vector<store::InterlinkId> written;
  auto link = waiting_.lower_bound(from);
  while (link != waiting_.end() && written.size() < kWrittenAtOnce) {
    const auto here = link++;
    const store::InterlinkId id = here->first;
    if (writing_.contains(id) || !budget_.Take(id)) continue;
    written.push_back(id);
    changes.events.push_back(std::move(here->second.front()));
    here->second.pop_front();
    if (here->second.empty()) waiting_.erase(here);
  }
  const auto next =
      link == waiting_.end() ? std::nullopt : std::optional(link->first);
  if (!written.empty()) Write(std::move(written), std::move(changes));
  if (!waiting_.empty()) round_.Changed();
  return next;
}

void PeerEvents::Write(std::vector<store::InterlinkId> links, Changes changes) {
  writing_.insert(links.begin(), links.end());
  ledger_.Submit([changes](const Draft&) { return changes; },
                 [this, alive = std::weak_ptr(alive_), links,
                  changes](const absl::Status& status) {
                   if (alive.expired()) return;
                   for (size_t i = 0; i < links.size(); ++i) {
                     writing_.erase(links[i]);
                     if (status.ok()) continue;
                     waiting_[links[i]].push_front(changes.events[i]);
                   }
                   if (!waiting_.empty()) round_.Changed();
                 });
}

}  // namespace interlink::federation
