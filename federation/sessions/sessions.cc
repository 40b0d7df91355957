#include "federation/sessions/sessions.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/identity/pins.h"
#include "federation/sessions/link_streams.h"

namespace interlink::federation {
namespace {

// Sessions that one task of the loop wakes; each may send a part.
constexpr size_t kWokenAtOnce = 16;
// Lookups by calls of their own, each of which may need a TLS handshake: after
// a start no link has a session yet, and a number that nobody has asks them
// all.
constexpr size_t kMostLookupCalls = 32;
constexpr size_t kMostWaitingLookups = 10'000;
// How long the session that a link has may take to show that it is better than
// a new one.
constexpr std::chrono::seconds kContest{3};
// Less than what is left of a certificate when it is shown, at the least.
constexpr std::chrono::hours kSessionLife{7 * 24};
// Of one link, besides its session.
constexpr size_t kMostCandidates = 3;
constexpr size_t kIntroducedAtOnce = 100;

absl::Status TakenOver() {
  return absl::UnavailableError("another session of this link has taken over");
}

}  // namespace

template <class Action>
void Sessions::ForEach(Link& link, Action action) {
  if (link.active != nullptr) action(*link.active);
  for (const auto& session : link.candidates) action(*session);
}

Sessions::Sessions(const SessionServices& services, LinkHealth& health,
                   uint64_t starts,
                   Observers<store::InternalNumber>& shared_changes)
    : services_(services),
      context_(services.context),
      health_(health),
      instance_id_(context_.randomness.Bytes(16)),
      next_epoch_(starts << 32),
      lookup_calls_(kMostLookupCalls, kMostWaitingLookups),
      introduction_(
          std::in_place, context_.loop,
          [this](store::InterlinkId from) { return IntroduceSome(from); }) {
  for (const auto& [id, row] : context_.interlinks.rows()) {
    if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) continue;
    auto& link = links_[id];
    link = std::make_unique<Link>();
    link->was_paused = row.record.paused();
    link->known_addresses = AddressesOf(row.record);
    DialAfter(*link, id,
              context_.randomness.Between(Duration::zero(), kStartSpread));
    SetAskable(id);
  }
  rows_ = context_.interlinks.observers().Add(
      [this](store::InterlinkId id) { Observe(id); });
  generations_ =
      context_.generation.observers().Add([this](uint64_t) { IntroduceAll(); });
  numbers_ = shared_changes.Add([this](store::InternalNumber) {
    is_wake_due_ = true;
    if (wake_ != nullptr) return;
    wake_ = context_.loop.After(Duration::zero(), [this] { WakeSome(); });
  });
}

Sessions::~Sessions() = default;

void Sessions::Observe(store::InterlinkId id) {
  const Row* row = context_.interlinks.Find(id);
  const auto found = links_.find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    if (found == links_.end()) return;
    auto gone = links_.extract(found);
    if (auto& session = gone.mapped()->active) {
      session->Leave();
      leaving_[session.get()] = std::move(session);
    }
    for (auto& session : gone.mapped()->candidates) {
      session->Close(
          Refusal(Reason::kLinkTerminated, "this interlink was deleted"));
      leaving_[session.get()] = std::move(session);
    }
    return;
  }
  if (found == links_.end()) {
    auto& link = links_[id];
    link = std::make_unique<Link>();
    link->was_paused = row->record.paused();
    link->known_addresses = AddressesOf(row->record);
    // The redeemer has just reached the issuer; the other way is second best.
    const Duration delay = row->record.has_issued_key()
                               ? Duration(std::chrono::seconds(1))
                               : Duration::zero();
    DialAfter(*link, id, delay);
    SetAskable(id);
    return;
  }
  Link& link = *found->second;
  const bool is_paused = row->record.paused();
  if (std::exchange(link.was_paused, is_paused) != is_paused) {
    ForEach(link, [](Session& session) {
      session.Introduce();
      session.Wake();
    });
  }
  if (link.active == nullptr && link.candidates.empty() &&
      context_.loop.Now() >= link.hold_until &&
      link.known_addresses != AddressesOf(row->record)) {
    link.rounds.Forgive();
    DialAfter(link, id, Duration::zero());
  }
}

void Sessions::WakeSome() {
  if (std::exchange(is_wake_due_, false)) {
    for (const auto& [id, link] : links_) {
      if (!std::exchange(link->is_waking, true)) waking_.push_back(id);
    }
  }
  for (size_t i = 0; i < kWokenAtOnce && !waking_.empty(); ++i) {
    const auto link = links_.find(waking_.front());
    waking_.pop_front();
    if (link == links_.end()) continue;
    link->second->is_waking = false;
    ForEach(*link->second, [](Session& session) { session.Wake(); });
  }
  wake_.reset();
  if (waking_.empty()) return;
  wake_ = context_.loop.After(Duration::zero(), [this] { WakeSome(); });
}

void Sessions::Accept(PeerCaller caller, std::unique_ptr<PeerStream> stream) {
  auto session = std::make_unique<Session>(services_, *this, std::move(stream),
                                           Session::Opening{instance_id_, 0});
  Session& opened = *session;
  strangers_[&opened] = {std::move(session), std::move(caller)};
  opened.Open();
  if (!ending_.ok()) opened.Close(ending_);
}

void Sessions::EndAll(const absl::Status& why, std::function<void()> told) {
  ending_ = why;
  told_ = std::move(told);
  rows_.reset();
  numbers_.reset();
  generations_.reset();
  introduction_.reset();
  for (const auto& [id, link] : std::exchange(links_, {})) {
    CloseCandidates(*link, why);
    if (link->active == nullptr) continue;
    link->active->Close(why);
    leaving_[link->active.get()] = std::move(link->active);
  }
  for (const auto& [session, stranger] : strangers_) session->Close(why);
  TellIfAllEnded();
}

void Sessions::TellIfAllEnded() {
  if (told_ == nullptr || !strangers_.empty() || !leaving_.empty()) return;
  std::exchange(told_, nullptr)();
}

void Sessions::IntroduceAll() {
  if (introduction_) introduction_->Changed();
}

std::optional<store::InterlinkId> Sessions::IntroduceSome(
    store::InterlinkId from) {
  auto link = links_.lower_bound(from);
  for (size_t told = 0; told < kIntroducedAtOnce; ++told, ++link) {
    if (link == links_.end()) return std::nullopt;
    ForEach(*link->second, [](Session& session) { session.Introduce(); });
  }
  return link == links_.end() ? std::nullopt : std::optional(link->first);
}

absl::Status Sessions::OnHello(Session& session, const v1::Hello& hello) {
  if (!session.is_dialled_here()) return AdmitStranger(session, hello);
  if (hello.interlink_id() != session.link().ToBytes()) {
    return Refusal(Reason::kRequestInvalid,
                   "the Hello is of another interlink");
  }
  links_.at(session.link())->dialling = nullptr;
  return absl::OkStatus();
}

absl::Status Sessions::AdmitStranger(Session& session, const v1::Hello& hello) {
  const auto stranger = strangers_.find(&session);
  const auto id = store::InterlinkId::FromBytes(hello.interlink_id());
  if (!id) {
    return Refusal(Reason::kLinkUnknown,
                   "the Hello names no interlink; it has to have an "
                   "interlink_id of 16 bytes");
  }
  const PeerCaller& caller = stranger->second.caller;
  v1::LookupRequest nothing;  // Of that link: refused to all but its peer.
  nothing.set_interlink_id(hello.interlink_id());
  const auto answer = services_.lookups.Answer(caller, nothing);
  const absl::Status status =
      answer ? answer->status()
             : services_.admission.Decide(caller, hello.interlink_id(),
                                          hello.redeemed_proof());
  // Over a paused link the peer hears that it is, and may have its session.
  if (!status.ok() && ReasonOf(status) != Reason::kLinkPaused) return status;
  const auto found = links_.find(*id);
  if (found == links_.end()) {
    // Of two keys that crossed, the answer to Redeem says whether it will be.
    // LINK_UNKNOWN would have the peer show an orphan.
    return absl::UnavailableError("the interlink is being made");
  }
  Link& link = *found->second;
  if (context_.loop.Now() < link.hold_until) return link.hold;
  const auto is_later = [&](const std::unique_ptr<Session>& other) {
    return other != nullptr && !other->is_dialled_here() && other->is_open() &&
           other->epoch() >= hello.epoch();
  };
  if (is_later(link.active) ||
      std::any_of(link.candidates.begin(), link.candidates.end(), is_later)) {
    return link.instances.TurnAway(hello.instance_id(), context_.loop.Now());
  }
  if (link.candidates.size() >= kMostCandidates) {
    return Refusal(Reason::kLimitReached,
                   "this interlink has too many sessions already");
  }
  session.SetLink(*id);
  link.candidates.push_back(std::move(stranger->second.session));
  strangers_.erase(stranger);
  return absl::OkStatus();
}

void Sessions::OnPong(Session& session, Duration round_trip) {
  const store::InterlinkId id = session.link();
  const auto found = links_.find(id);
  if (found == links_.end()) return;  // It is leaving.
  Link& link = *found->second;
  if (link.active.get() == &session) {
    if (context_.loop.Now() - link.active_since >= kHealthyAfter) {
      link.rounds.Forgive();
    }
    if (link.instances.BothRun(context_.loop.Now() - round_trip)) {
      services_.events.Tell("ACCOUNT_CLONED", kByDaemon,
                            context_.interlinks.Find(id)->record,
                            std::string(kCloned));
    }
    health_.Answered(id, round_trip, session.mirror_trouble());
    SetAskable(id);
    if (session.is_dialled_here() &&
        context_.loop.Now() - link.active_since >= kSessionLife) {
      session.Close(absl::UnavailableError(
          "a new session shows the certificates of today"));
      return;
    }
    // It has shown that it is alive, so it stays.
    if (link.contest != nullptr) CloseOutranked(link, id);
    return;
  }
  if (session.is_dialled_here()) {
    services_.introductions.StoreGoodAddress(id, link.dialled_address);
  }
  const Row& row = *context_.interlinks.Find(id);
  if (link.active == nullptr || Replaces(session, *link.active, row)) {
    Promote(link, session);
    return;
  }
  if (link.contest != nullptr) return;
  link.active->Ping();
  link.contest = context_.loop.After(kContest, [this, &link,
                                                challenger = &session] {
    link.contest.reset();
    const auto is_there = [&](const auto& candidate) {
      return candidate.get() == challenger;
    };
    if (std::any_of(link.candidates.begin(), link.candidates.end(), is_there)) {
      Promote(link, *challenger);
    }
  });
}

bool Sessions::Replaces(const Session& fresh, const Session& old,
                        const Row& row) const {
  if (fresh.is_dialled_here() == old.is_dialled_here()) {
    return fresh.epoch() > old.epoch();
  }
  // The daemon that had the old one is no more.
  if (fresh.peer_instance() != old.peer_instance()) return true;
  const bool own_is_smaller = context_.identity.account_id() < row.peer();
  return fresh.is_dialled_here() == own_is_smaller;
}

void Sessions::Promote(Link& link, Session& session) {
  const store::InterlinkId id = session.link();
  if (link.instances.TakeTurns(session.peer_instance(), context_.loop.Now())) {
    HoldClone(link, id);
    return;
  }
  const auto place = std::find_if(
      link.candidates.begin(), link.candidates.end(),
      [&](const auto& candidate) { return candidate.get() == &session; });
  auto promoted = std::move(*place);
  link.candidates.erase(place);
  if (link.active != nullptr) {
    link.active->Close(TakenOver());
    leaving_[link.active.get()] = std::move(link.active);
  }
  link.active = std::move(promoted);
  CloseOutranked(link, id);
  link.active_since = context_.loop.Now();
  link.dial.reset();
  link.active->Activate();
  health_.SessionBegan(id);
  const Row& row = *context_.interlinks.Find(id);
  services_.outbox.DeliverTo(row.peer());
}

void Sessions::CloseOutranked(Link& link, store::InterlinkId id) {
  const Row& row = *context_.interlinks.Find(id);
  std::vector<std::unique_ptr<Session>> kept;
  for (auto& candidate : link.candidates) {
    // Over one without a Hello no pong can be under way.
    if (candidate->is_open() && Replaces(*candidate, *link.active, row)) {
      kept.push_back(std::move(candidate));
    }
  }
  std::erase(link.candidates, nullptr);
  CloseCandidates(link, TakenOver());
  link.candidates = std::move(kept);
}

void Sessions::CloseCandidates(Link& link, const absl::Status& why) {
  link.contest.reset();
  link.dialling = nullptr;
  for (auto& candidate : std::exchange(link.candidates, {})) {
    candidate->Close(why);
    leaving_[candidate.get()] = std::move(candidate);
  }
}

void Sessions::OnLate(Session& session) { SetAskable(session.link()); }

void Sessions::OnEnded(Session& session, const absl::Status& status,
                       bool from_peer) {
  if (strangers_.erase(&session) > 0 || leaving_.erase(&session) > 0) {
    TellIfAllEnded();
    return;
  }
  const store::InterlinkId id = session.link();
  Link& link = *links_.at(id);
  const bool is_over = from_peer && ReasonOf(status) == Reason::kLinkTerminated;
  if (link.active.get() == &session) {
    const auto ended = std::move(link.active);
    link.contest.reset();
    health_.SessionEnded(id);
    SetAskable(id);
    // Another stream that was greeted takes over at its pong.
    if (link.candidates.empty() || is_over) {
      Redial(link, id, status, from_peer);
    }
    return;
  }
  const auto place = std::find_if(
      link.candidates.begin(), link.candidates.end(),
      [&](const auto& candidate) { return candidate.get() == &session; });
  const auto ended = std::move(*place);
  link.candidates.erase(place);
  const bool was_dialling = link.dialling == &session;
  if (was_dialling) link.dialling = nullptr;
  const bool is_last = link.active == nullptr && link.candidates.empty();
  if (was_dialling && !is_over) {
    DialEnded(link, id, status, from_peer);
  } else if (is_over || is_last) {
    Redial(link, id, status, from_peer);
  }
}

size_t Sessions::open() const {
  return static_cast<size_t>(std::count_if(
      links_.begin(), links_.end(),
      [](const auto& link) { return link.second->active != nullptr; }));
}

size_t Sessions::pending() const {
  size_t count = strangers_.size() + leaving_.size();
  for (const auto& [id, link] : links_) count += link->candidates.size();
  return count;
}

}  // namespace interlink::federation
