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
  const auto id = store::InterlinkId::FromBytes(about.id());
  if (!id) return;
  auto event =
      EventOf(kind, actor, about, std::move(message), ledger_.WallNow());
  if (count > 1) event.set_count(count);
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
  Transaction transaction = ledger_.Begin();
  std::vector<store::InterlinkId> written;
  auto link = waiting_.lower_bound(from);
  for (; link != waiting_.end() && written.size() < kWrittenAtOnce; ++link) {
    if (!budget_.Take(link->first)) continue;
    transaction.Tell(link->second.front());
    written.push_back(link->first);
  }
  const auto next =
      link == waiting_.end() ? std::nullopt : std::optional(link->first);
  if (!written.empty() && transaction.Commit().ok()) {
    for (const store::InterlinkId id : written) {
      Waiting& waiting = waiting_.at(id);
      waiting.pop_front();
      if (waiting.empty()) waiting_.erase(id);
    }
  }
  if (!waiting_.empty()) round_.Changed();
  return next;
}

}  // namespace interlink::federation
