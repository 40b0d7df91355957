#include "federation/link_health.h"

#include <algorithm>
#include <utility>

#include "federation/pins.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

// The breaker (design.md section 9): so many failures within so long.
constexpr size_t kFailuresToBreak = 3;
constexpr std::chrono::seconds kFailuresWithin{30};

// Whether an error that the peer itself gave is a sign of life of the link.
bool IsAnswer(Reason reason) {
  switch (reason) {
    case Reason::kLinkPaused:
    case Reason::kRateLimited:
    case Reason::kNumberInvalid:
      return true;
    default:
      return false;
  }
}

}  // namespace

LinkHealth::LinkHealth(const Context& context, const LinkAccess& access,
                       Removals& removals)
    : context_(context), access_(access), removals_(removals) {
  for (const auto& [id, row] : context_.interlinks.rows()) {
    if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) continue;
    PingAfter(links_[id], id,
              context_.randomness.Between(Duration::zero(), kStartSpread));
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
  const auto known = links_.find(id);
  if (known == links_.end()) {
    // It was made just now, by an answer.
    Link& link = links_[id];
    link.last_answer = context_.loop.Now();
    PingAfter(link, id, kPingInterval);
  }
  Judge(id);
}

void LinkHealth::PingAfter(Link& link, store::InterlinkId id, Duration delay) {
  link.ping = context_.loop.After(delay, [this, id] { PingAll(id); });
}

void LinkHealth::PingAll(store::InterlinkId id) {
  Link& link = links_.at(id);
  const Row& row = *context_.interlinks.Find(id);
  link.addresses = AddressesOf(row.record.peer(), row.record.manual_address());
  // A manual address stays first; else the one that answered last is.
  const auto good = std::find(link.addresses.begin(), link.addresses.end(),
                              link.good_address);
  if (row.record.manual_address().empty() && good != link.addresses.end()) {
    std::rotate(link.addresses.begin(), good, good + 1);
  }
  if (link.addresses.empty()) {
    PingAfter(link, id, kPingInterval);
    Judge(id);
    return;
  }
  PingNextAddress(id);
}

void LinkHealth::PingNextAddress(store::InterlinkId id) {
  Link& link = links_.at(id);
  const Row& row = *context_.interlinks.Find(id);
  const std::string address = link.addresses.front();
  link.addresses.erase(link.addresses.begin());
  v1::LookupRequest request;
  request.set_interlink_id(id.ToBytes());
  context_.peers.Lookup(
      {.address = address, .pin = PinOf(row.record.peer())}, request,
      kCallTimeout, [this, id, address](PeerAnswer<v1::LookupResponse> answer) {
        const auto found = links_.find(id);
        if (found == links_.end()) return;
        if (!answer.from_peer && !found->second.addresses.empty()) {
          PingNextAddress(id);
          return;
        }
        if (answer.from_peer) found->second.good_address = address;
        PingAfter(found->second, id, kPingInterval);
        ++(answer.status.ok() ? context_.counters.pings_answered
                              : context_.counters.pings_failed);
        Ended(id, answer.status, answer.from_peer, answer.round_trip);
      });
}

std::optional<PeerTarget> LinkHealth::Askable(store::InterlinkId id) const {
  const auto found = links_.find(id);
  const Row* row = context_.interlinks.Find(id);
  if (found == links_.end() || row == nullptr) return std::nullopt;
  const Link& link = found->second;
  const bool is_broken = link.failures.size() >= kFailuresToBreak;
  if (is_broken || row->health == api::INTERLINK_HEALTH_UNREACHABLE) {
    return std::nullopt;
  }
  std::vector<std::string> addresses =
      AddressesOf(row->record.peer(), row->record.manual_address());
  if (addresses.empty()) return std::nullopt;
  return PeerTarget{.address = link.good_address.empty()
                                   ? std::move(addresses.front())
                                   : link.good_address,
                    .pin = PinOf(row->record.peer())};
}

void LinkHealth::Ended(store::InterlinkId id, const absl::Status& status,
                       bool from_peer, Duration round_trip) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  const SteadyTime now = context_.loop.Now();
  const auto reason = ReasonOf(status);
  if (from_peer && reason == Reason::kLinkTerminated) {
    // Tried again at the next sign of life if the store refuses.
    if (removals_.RemovedByPeer(id).ok()) return;
  }
  link.orphaned_at.reset();
  const bool is_orphan = from_peer && reason == Reason::kLinkUnknown;
  if (is_orphan) link.orphaned_at = now;
  if (status.ok() || is_orphan || (from_peer && reason && IsAnswer(*reason))) {
    link.last_answer = now;
    link.failures.clear();
    link.paused_by_peer = reason == Reason::kLinkPaused;
    context_.interlinks.SetRoundTrip(id, round_trip);
    context_.interlinks.SetTrouble(id, absl::OkStatus(), std::nullopt);
  } else {
    link.failures.push_back(now);
    while (link.failures.size() > kFailuresToBreak ||
           now - link.failures.front() > kFailuresWithin) {
      link.failures.pop_front();
    }
    context_.interlinks.SetTrouble(
        id, status,
        context_.loop.WallNow() + std::chrono::seconds(kPingInterval));
  }
  Judge(id);
}

void LinkHealth::Returned(store::InterlinkId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  // It is there again: look now, so that this side knows too.
  if (context_.interlinks.Find(id)->health != api::INTERLINK_HEALTH_CONNECTED) {
    PingAfter(found->second, id, Duration::zero());
  }
  Judge(id);
}

void LinkHealth::Judge(store::InterlinkId id) {
  const auto found = links_.find(id);
  const Row* row = context_.interlinks.Find(id);
  if (found == links_.end() || row == nullptr) return;
  Link& link = found->second;
  const SteadyTime now = context_.loop.Now();
  const SteadyTime last_call = access_.LastCall(id);
  std::optional<SteadyTime> alive = link.last_answer;
  if (last_call != SteadyTime() && (!alive || last_call > *alive)) {
    alive = last_call;
  }
  if (link.orphaned_at && last_call > *link.orphaned_at) {
    link.orphaned_at.reset();  // It speaks over the link, so it knows it.
  }
  api::InterlinkHealth health = api::INTERLINK_HEALTH_UNREACHABLE;
  link.judgement.reset();
  if (row->record.paused() || link.paused_by_peer) {
    health = api::INTERLINK_HEALTH_PAUSED;
  } else if (link.orphaned_at) {
    health = api::INTERLINK_HEALTH_ORPHANED;
  } else if (alive && now - *alive < kAnswerCounts) {
    health = api::INTERLINK_HEALTH_CONNECTED;
    link.judgement = context_.loop.After(*alive + kAnswerCounts - now,
                                         [this, id] { Judge(id); });
  }
  if (row->health == health) return;
  if (health == api::INTERLINK_HEALTH_UNREACHABLE &&
      row->last_error_reason.empty()) {
    context_.interlinks.SetTrouble(
        id,
        Refusal(Reason::kPeerUnreachable,
                alive ? "the other account has not answered for 30 seconds"
                      : "the other account has not answered since this daemon "
                        "started"),
        std::nullopt);
  }
  context_.interlinks.SetHealth(id, health);
}

}  // namespace interlink::federation
