#include "federation/sessions/link_health.h"

#include <algorithm>
#include <string>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/peer/peer_refusal.h"

namespace interlink::federation {
namespace {

// The breaker (design.md section 9): so many failures within so long.
constexpr size_t kFailuresToBreak = 3;
constexpr std::chrono::seconds kFailuresWithin{30};

}  // namespace

LinkHealth::LinkHealth(EventLoop& loop, Interlinks& interlinks,
                       Counters& counters, Removals& removals,
                       RemovalOutbox& outbox)
    : loop_(loop),
      interlinks_(interlinks),
      counters_(counters),
      removals_(removals),
      outbox_(outbox) {
  subscription_ = interlinks_.Watch(
      [this](const Row& row) {
        if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) return;
        const auto [link, is_new] = links_.try_emplace(row.id);
        // What the peer has said since may wait to be stored.
        if (is_new) link->second.is_paused_by_peer = row.record.peer().paused();
        Update(row.id);
      },
      [this](store::InterlinkId id) { Observe(id); });
}

LinkHealth::~LinkHealth() = default;

void LinkHealth::Observe(store::InterlinkId id) {
  const Row* row = interlinks_.Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    links_.erase(id);
    return;
  }
  const auto [link, is_new] = links_.try_emplace(id);
  if (is_new) {  // The link was made just now, by an answer of the peer.
    link->second.last_answer = loop_.Now();
    link->second.session_end = loop_.Now();
    interlinks_.SetAnswered(id, std::nullopt);
  }
  Update(id);
}

void LinkHealth::SessionBegan(store::InterlinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.has_session = true;
  found->second.is_terminated = false;
  Update(id);
  outbox_.DeliverTo(interlinks_.Find(id)->peer());
}

void LinkHealth::SessionEnded(store::InterlinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.has_session = false;
  found->second.session_end = loop_.Now();
  Update(id);
}

void LinkHealth::Answered(store::InterlinkId id, Duration round_trip,
                          const absl::Status& trouble) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  link.last_answer = loop_.Now();
  link.is_orphan = false;
  link.failures.clear();
  ++counters_.pings_answered;
  interlinks_.SetAnswered(id, round_trip);
  interlinks_.SetTrouble(
      id, trouble.ok() ? call_check_(*interlinks_.Find(id)) : trouble,
      std::nullopt);
  Update(id);
}

bool LinkHealth::RemovedByPeer(store::InterlinkId id,
                               const absl::Status& status, bool from_peer) {
  if (!from_peer || ReasonOf(status) != Reason::kLinkTerminated) return false;
  const auto link = links_.find(id);
  if (link == links_.end() || std::exchange(link->second.is_removing, true)) {
    return true;
  }
  removals_.RemovedByPeer(
      id, [this, id, why = InOurWords(status)](const absl::Status& stored) {
        const auto found = links_.find(id);
        if (found == links_.end()) return;
        found->second.is_removing = false;
        if (stored.ok() || found->second.has_session) return;
        // The store refuses: it is tried again at the next sign of life.
        found->second.is_terminated = true;
        interlinks_.SetTrouble(id, why, std::nullopt);
        Update(id);
      });
  return true;
}

void LinkHealth::Failed(store::InterlinkId id, const absl::Status& status,
                        bool from_peer, std::optional<WallTime> next_try) {
  if (!links_.contains(id) || RemovedByPeer(id, status, from_peer)) return;
  Link& link = links_.at(id);
  const auto reason = ReasonOf(status);
  link.is_orphan = from_peer && reason == Reason::kLinkUnknown;
  const auto place = reason ? static_cast<size_t>(*reason) : kReasonCount;
  ++counters_.reconnects[place];
  interlinks_.SetTrouble(id, from_peer ? InOurWords(status) : status, next_try);
  Update(id);
}

void LinkHealth::Distrust(store::InterlinkId id, const absl::Status& why,
                          WallTime next_try) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.last_answer.reset();
  found->second.is_orphan = false;
  interlinks_.SetTrouble(id, why, next_try);
  Update(id);
}

void LinkHealth::SetPausedByPeer(store::InterlinkId id, bool is_paused) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  found->second.is_paused_by_peer = is_paused;
  Update(id);
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
  const SteadyTime now = loop_.Now();
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

SteadyTime LinkHealth::AliveUntil(const Link& link) {
  if (!link.last_answer || link.is_terminated) return SteadyTime::min();
  const SteadyTime until = *link.last_answer + kAnswerCounts;
  if (link.has_session) return until;
  return std::min(until, link.session_end + kSessionCounts);
}

std::string LinkHealth::WhyUnreachable(const Link& link) const {
  if (!link.last_answer) {
    return "the other account has not answered since this daemon started";
  }
  if (loop_.Now() - *link.last_answer >= kAnswerCounts) {
    return "the other account has not answered for 30 seconds";
  }
  return "there is no session with the other account any more";
}

void LinkHealth::Update(store::InterlinkId id) {
  const auto found = links_.find(id);
  const Row* row = interlinks_.Find(id);
  if (found == links_.end() || row == nullptr) return;
  Link& link = found->second;
  const SteadyTime now = loop_.Now();
  api::InterlinkHealth health = api::INTERLINK_HEALTH_UNREACHABLE;
  link.update.reset();
  const SteadyTime alive_until = AliveUntil(link);
  const bool is_alive = now < alive_until;
  if (is_alive) {
    link.update = loop_.After(alive_until - now, [this, id] { Update(id); });
  }
  // A pause ends when somebody resumes the link, but a link that the peer has
  // forgotten is over: the administrator has to know that, and may enter a new
  // key of that account.
  if (link.is_orphan) {
    health = api::INTERLINK_HEALTH_ORPHANED;
  } else if (row->record.paused() || (link.is_paused_by_peer && is_alive)) {
    health = api::INTERLINK_HEALTH_PAUSED;
  } else if (is_alive) {
    health = api::INTERLINK_HEALTH_CONNECTED;
  }
  if (row->health == health) return;
  if (health == api::INTERLINK_HEALTH_UNREACHABLE &&
      row->last_error_reason.empty()) {
    interlinks_.SetTrouble(
        id, Refusal(Reason::kPeerUnreachable, WhyUnreachable(link)),
        std::nullopt);
  }
  interlinks_.SetHealth(id, health);
}

}  // namespace interlink::federation
