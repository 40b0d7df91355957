#include "federation/link_health.h"

#include "federation/reason.h"
#include "federation/settings.h"

namespace interlink::federation {
namespace {

// The breaker (design.md section 9): so many failures within so long.
constexpr size_t kFailuresToBreak = 3;
constexpr std::chrono::seconds kFailuresWithin{30};

}  // namespace

LinkHealth::LinkHealth(const Context& context, Removals& removals)
    : context_(context), removals_(removals) {
  for (const auto& [id, row] : context_.interlinks.rows()) {
    if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) continue;
    links_[id];
    Judge(id);
  }
  subscription_ = context_.interlinks.observers().Add(
      [this](store::InterlinkId id) { Observe(id); });
}

LinkHealth::~LinkHealth() = default;

void LinkHealth::Observe(store::InterlinkId id) {
  const Row* row = context_.interlinks.Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    links_.erase(id);
    return;
  }
  const auto [link, is_new] = links_.try_emplace(id);
  // It was made just now, by an answer.
  if (is_new) link->second.last_answer = context_.loop.Now();
  Judge(id);
}

void LinkHealth::Answered(store::InterlinkId id, Duration round_trip,
                          const absl::Status& trouble) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  link.last_answer = context_.loop.Now();
  link.is_orphan = false;
  link.failures.clear();
  ++context_.counters.pings_answered;
  context_.interlinks.SetRoundTrip(id, round_trip);
  context_.interlinks.SetTrouble(id, trouble, std::nullopt);
  Judge(id);
}

bool LinkHealth::RemovedByPeer(store::InterlinkId id,
                               const absl::Status& status, bool from_peer) {
  // If the store refuses, it is tried again at the next sign of life.
  return from_peer && ReasonOf(status) == Reason::kLinkTerminated &&
         removals_.RemovedByPeer(id).ok();
}

void LinkHealth::Failed(store::InterlinkId id, const absl::Status& status,
                        bool from_peer, std::optional<WallTime> next_try) {
  if (!links_.contains(id) || RemovedByPeer(id, status, from_peer)) return;
  Link& link = links_.at(id);
  link.is_orphan = from_peer && ReasonOf(status) == Reason::kLinkUnknown;
  ++context_.counters.pings_failed;
  context_.interlinks.SetTrouble(id, status, next_try);
  Judge(id);
}

void LinkHealth::Doubt(store::InterlinkId id, const absl::Status& why,
                       WallTime next_try) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.last_answer.reset();
  context_.interlinks.SetTrouble(id, why, next_try);
  Judge(id);
}

void LinkHealth::SetPausedByPeer(store::InterlinkId id, bool is_paused) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.is_paused_by_peer = is_paused;
  Judge(id);
}

void LinkHealth::CallEnded(store::InterlinkId id, const absl::Status& status,
                           bool from_peer) {
  if (RemovedByPeer(id, status, from_peer)) return;
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  auto& failures = found->second.failures;
  if (status.ok() || from_peer) {
    failures.clear();
    return;
  }
  const SteadyTime now = context_.loop.Now();
  failures.push_back(now);
  while (failures.size() > kFailuresToBreak ||
         now - failures.front() > kFailuresWithin) {
    failures.pop_front();
  }
}

bool LinkHealth::IsBroken(store::InterlinkId id) const {
  const auto found = links_.find(id);
  return found != links_.end() &&
         found->second.failures.size() >= kFailuresToBreak;
}

void LinkHealth::Judge(store::InterlinkId id) {
  const auto found = links_.find(id);
  const Row* row = context_.interlinks.Find(id);
  if (found == links_.end() || row == nullptr) return;
  Link& link = found->second;
  const SteadyTime now = context_.loop.Now();
  api::InterlinkHealth health = api::INTERLINK_HEALTH_UNREACHABLE;
  link.judgement.reset();
  const bool is_alive =
      link.last_answer && now - *link.last_answer < kAnswerCounts;
  if (is_alive) {
    link.judgement = context_.loop.After(
        *link.last_answer + kAnswerCounts - now, [this, id] { Judge(id); });
  }
  if (row->record.paused() || (link.is_paused_by_peer && is_alive)) {
    health = api::INTERLINK_HEALTH_PAUSED;
  } else if (link.is_orphan) {
    health = api::INTERLINK_HEALTH_ORPHANED;
  } else if (is_alive) {
    health = api::INTERLINK_HEALTH_CONNECTED;
  }
  if (row->health == health) return;
  if (health == api::INTERLINK_HEALTH_UNREACHABLE &&
      row->last_error_reason.empty()) {
    context_.interlinks.SetTrouble(
        id,
        Refusal(Reason::kPeerUnreachable,
                link.last_answer
                    ? "the other account has not answered for 30 seconds"
                    : "the other account has not answered since this daemon "
                      "started"),
        std::nullopt);
  }
  context_.interlinks.SetHealth(id, health);
}

}  // namespace interlink::federation
