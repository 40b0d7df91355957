#include "federation/sessions/sessions.h"

#include <algorithm>
#include <utility>

#include "federation/base/reason.h"
#include "federation/base/settings.h"
#include "federation/sessions/clone_detector.h"

namespace interlink::federation {
namespace {

// Links that one task of the loop serves; each session may send a part.
constexpr size_t kSentAtOnce = 16;
constexpr size_t kIntroducedAtOnce = 100;
// How long the active session may take to show that it is alive, before a
// candidate that it outranks takes over.
constexpr std::chrono::seconds kContest{3};
// Shorter than a certificate stays valid once it is shown.
constexpr std::chrono::hours kSessionLife{7 * 24};
// Of one link.
constexpr size_t kMostCandidates = 3;
// How long a link is held that is cloned or flooded.
constexpr std::chrono::seconds kHold{60};

absl::Status TakenOver() {
  return absl::UnavailableError("another session of this link has taken over");
}

}  // namespace

Sessions::Sessions(store::AccountId own, EventLoop& loop,
                   Randomness& randomness, Interlinks& interlinks,
                   SessionFactory& factory, SessionAdmission& admission,
                   LinkHealth& health, Introductions& introductions,
                   PeerEvents& events)
    : own_(own),
      loop_(loop),
      interlinks_(interlinks),
      factory_(factory),
      admission_(admission),
      health_(health),
      introductions_(introductions),
      events_(events),
      dialler_(loop, randomness, interlinks, health, *this),
      introduction_(loop,
                    [this](store::InterlinkId from) {
                      return ForSome(from, kIntroducedAtOnce, [](Session& s) {
                        s.messages().Introduce();
                      });
                    }),
      directory_(
          loop,
          [this](store::InterlinkId from) {
            return ForSome(from, kSentAtOnce, [](Session& s) { s.Wake(); });
          },
          Duration::zero()) {
  rows_ = interlinks_.Watch(
      [this, &randomness](const Row& row) {
        if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) return;
        AddLink(row, randomness.Between(Duration::zero(), kStartSpread));
      },
      [this](store::InterlinkId id) { ObserveRow(id); });
}

Sessions::~Sessions() = default;

SessionLink* Sessions::Find(store::InterlinkId id) const {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

void Sessions::AddLink(const Row& row, Duration dial_after) {
  auto& link = links_[row.id];
  link = std::make_unique<Link>(own_ < row.peer());
  link->was_paused = row.record.paused();
  dialler_.Add(row, dial_after);
  observers_.Tell(row.id);
}

void Sessions::RemoveLink(Link& link, store::InterlinkId id) {
  if (const Session* active = link.streams.active()) {
    KeepLeaving(link.streams.Remove(*active)).Leave();
  }
  Dismiss(link, link.streams.TakeCandidates(),
          Refusal(Reason::kLinkTerminated, "this interlink was deleted"));
  dialler_.Remove(id);
  links_.erase(id);
}

void Sessions::ObserveRow(store::InterlinkId id) {
  const Row* row = interlinks_.Find(id);
  Link* link = Find(id);
  if (row == nullptr || !row->Is(store::v1::ROW_STATE_ESTABLISHED)) {
    if (link != nullptr) RemoveLink(*link, id);
    return;
  }
  if (link == nullptr) {
    // The redeemer has just reached the issuer; the other way is second best.
    AddLink(*row, row->record.has_issued_key()
                      ? Duration(std::chrono::seconds(1))
                      : Duration::zero());
    return;
  }
  const bool is_paused = row->record.paused();
  if (std::exchange(link->was_paused, is_paused) != is_paused) {
    link->streams.ForEach([](Session& session) {
      session.messages().Introduce();
      session.Wake();
    });
  }
  if (link->streams.empty() && loop_.Now() >= link->hold_until) {
    dialler_.DialNewAddresses(*row);
  }
}

bool Sessions::NeedsSession(store::InterlinkId id) const {
  const Link& link = *links_.at(id);
  return link.streams.active() == nullptr && link.dialling == nullptr;
}

void Sessions::Connect(const Row& row, const std::string& address) {
  Link& link = *links_.at(row.id);
  auto session = factory_.Dial(*this, row, address);
  link.dialling = session.get();
  link.streams.Add(std::move(session));
  link.dialling->Open();
}

void Sessions::Accept(PeerCaller caller, std::unique_ptr<PeerStream> stream) {
  auto session = factory_.Accept(*this, std::move(stream));
  Session& opened = *session;
  callers_[&opened] = {std::move(session), std::move(caller)};
  opened.Open();
  if (!ending_.ok()) opened.Close(ending_);
}

void Sessions::EndAll(const absl::Status& why, std::function<void()> told) {
  ending_ = why;
  told_ = std::move(told);
  rows_.reset();
  for (const auto& [id, link] : std::exchange(links_, {})) {
    dialler_.Remove(id);
    DismissAll(*link, why);
  }
  for (const auto& [session, caller] : callers_) session->Close(why);
  TellIfAllEnded();
}

void Sessions::TellIfAllEnded() {
  if (told_ == nullptr || !callers_.empty() || !leaving_.empty()) return;
  std::exchange(told_, nullptr)();
}

std::optional<store::InterlinkId> Sessions::ForSome(
    store::InterlinkId from, size_t most, void (*action)(Session&)) const {
  auto link = links_.lower_bound(from);
  for (size_t i = 0; i < most && link != links_.end(); ++i, ++link) {
    link->second->streams.ForEach(action);
  }
  return link == links_.end() ? std::nullopt : std::optional(link->first);
}

void Sessions::OnHello(Session& session, const v1::Hello& hello) {
  if (session.is_dialled_here()) {
    if (hello.interlink_id() != session.link().ToBytes()) {
      session.Greet(Refusal(Reason::kRequestInvalid,
                            "the Hello is of another interlink"));
      return;
    }
    admission_.CheckDialled(
        session, hello, [this](Session& dialled, const absl::Status& status) {
          Link* link = Find(dialled.link());
          if (link != nullptr && link->dialling == &dialled) {
            link->dialling = nullptr;
          }
          dialled.Greet(status);
        });
    return;
  }
  admission_.AdmitCaller(
      session, callers_.at(&session).caller, hello,
      [this, hello](Session& accepted,
                    const absl::StatusOr<store::InterlinkId>& id) {
        accepted.Greet(id.ok() ? Adopt(accepted, hello, *id) : id.status());
      });
}

absl::Status Sessions::Adopt(Session& session, const v1::Hello& hello,
                             store::InterlinkId id) {
  if (!ending_.ok()) return ending_;
  const auto caller = callers_.find(&session);
  Link* link = Find(id);
  if (link == nullptr) {
    // Of two keys that crossed, the answer to Redeem says whether it will be.
    // LINK_UNKNOWN would have the peer show an orphan.
    return absl::UnavailableError("the interlink is being made");
  }
  if (loop_.Now() < link->hold_until) return link->hold;
  if (link->streams.HasAcceptedSince(hello.epoch())) {
    return link->clones.TurnAway(hello.instance_id(), loop_.Now());
  }
  if (link->streams.candidates().size() >= kMostCandidates) {
    return Refusal(Reason::kLimitReached,
                   "this interlink has too many sessions already");
  }
  session.SetLink(id);
  link->streams.Add(std::move(caller->second.session));
  callers_.erase(caller);
  return absl::OkStatus();
}

void Sessions::OnPong(Session& session, Duration round_trip) {
  Link* link = Find(session.link());
  if (link == nullptr) return;  // It is leaving.
  if (link->streams.active() == &session) {
    OnActivePong(*link, session, round_trip);
    return;
  }
  if (session.is_dialled_here()) {
    introductions_.StoreGoodAddress(session.link(), session.dialled_address());
  }
  if (link->streams.ShouldPromote(session)) {
    Promote(*link, session);
    return;
  }
  if (link->contest != nullptr) return;
  link->streams.active()->Ping();
  link->contest = loop_.After(kContest, [this, link, challenger = &session] {
    link->contest.reset();
    if (link->streams.IsCandidate(challenger)) Promote(*link, *challenger);
  });
}

void Sessions::OnActivePong(Link& link, Session& session, Duration round_trip) {
  const store::InterlinkId id = session.link();
  const Duration age = loop_.Now() - link.active_since;
  if (age >= kHealthyAfter) dialler_.ForgetFailures(id);
  if (link.clones.BothRun(loop_.Now() - round_trip)) {
    events_.Tell("ACCOUNT_CLONED", kByDaemon, interlinks_.Find(id)->record,
                 std::string(kCloned));
  }
  TellCallTrouble(link, session);
  // A copy of the account may be a thief's, which is the worst trouble.
  const absl::Status cloned = link.clones.Trouble(loop_.Now());
  health_.Answered(id, round_trip,
                   cloned.ok() ? session.messages().trouble() : cloned);
  observers_.Tell(id);
  if (session.is_dialled_here() && age >= kSessionLife) {
    session.Close(absl::UnavailableError(
        "a new session shows the certificates of today"));
  } else if (link.contest != nullptr) {
    // It has shown that it is alive, so it stays.
    Dismiss(link, link.streams.TakeOutranked(), TakenOver());
  }
}

// Once, when the peer's calls cease to be let in.
void Sessions::TellCallTrouble(Link& link, Session& session) {
  const absl::Status trouble = session.messages().call_trouble();
  const bool was_told = std::exchange(link.is_call_trouble_told, !trouble.ok());
  if (trouble.ok() || was_told) return;
  events_.Tell("CALL_TOKENS_MISSING", kByDaemon,
               interlinks_.Find(session.link())->record,
               std::string(SentenceOf(trouble)));
}

void Sessions::Promote(Link& link, Session& session) {
  const store::InterlinkId id = session.link();
  if (link.clones.TakeTurns(session.peer_instance(), loop_.Now())) {
    link.clones.Forget();
    Hold(link, id, "ACCOUNT_CLONED",
         Refusal(Reason::kPeerIdentityMismatch, kCloned));
    return;
  }
  if (auto former = link.streams.Promote(session)) {
    KeepLeaving(std::move(former)).Close(TakenOver());
  }
  Dismiss(link, link.streams.TakeOutranked(), TakenOver());
  link.active_since = loop_.Now();
  dialler_.Stop(id);
  session.Activate();
  health_.SessionBegan(id);
}

void Sessions::HoldFlooder(store::InterlinkId id) {
  Link* link = Find(id);
  if (link == nullptr) return;
  Hold(*link, id, "PEER_FLOODED",
       Refusal(Reason::kRateLimited,
               "the other account floods this daemon with calls and frames "
               "that lead to nothing; its administrator has to look at it"));
}

void Sessions::Hold(Link& link, store::InterlinkId id, std::string_view event,
                    absl::Status why) {
  link.hold = std::move(why);
  link.hold_until = loop_.Now() + kHold;
  events_.Tell(event, kByDaemon, interlinks_.Find(id)->record,
               std::string(SentenceOf(link.hold)));
  if (link.streams.active() != nullptr) health_.SessionEnded(id);
  DismissAll(link, link.hold);
  dialler_.DialAfter(id, kHold);
  health_.Distrust(id, link.hold, loop_.WallNow() + kHold);
  observers_.Tell(id);
}

void Sessions::Dismiss(Link& link,
                       std::vector<std::unique_ptr<Session>> sessions,
                       const absl::Status& why) {
  link.contest.reset();
  link.dialling = nullptr;
  for (auto& session : sessions) KeepLeaving(std::move(session)).Close(why);
}

void Sessions::DismissAll(Link& link, const absl::Status& why) {
  Dismiss(link, link.streams.TakeCandidates(), why);
  if (const Session* active = link.streams.active()) {
    KeepLeaving(link.streams.Remove(*active)).Close(why);
  }
}

Session& Sessions::KeepLeaving(std::unique_ptr<Session> session) {
  Session& kept = *session;
  leaving_[&kept] = std::move(session);
  return kept;
}

void Sessions::OnLate(Session& session) { observers_.Tell(session.link()); }

void Sessions::OnEnded(Session& session, const absl::Status& status,
                       bool from_peer) {
  if (callers_.erase(&session) > 0 || leaving_.erase(&session) > 0) {
    TellIfAllEnded();
    return;
  }
  const store::InterlinkId id = session.link();
  Link& link = *links_.at(id);
  const bool was_active = link.streams.active() == &session;
  const bool was_dialling = link.dialling == &session;
  if (was_dialling) link.dialling = nullptr;
  const auto ended = link.streams.Remove(session);
  if (was_active) {
    link.contest.reset();
    health_.SessionEnded(id);
    observers_.Tell(id);
  }
  const bool is_over = from_peer && ReasonOf(status) == Reason::kLinkTerminated;
  if (!is_over) {
    // A stream that is left takes over at its pong.
    if (!link.streams.empty()) return;
    if (was_dialling && !from_peer && dialler_.TryNextAddress(id)) return;
  }
  dialler_.DialAgain(id, status, from_peer);
  observers_.Tell(id);
}

Session* Sessions::ActiveOf(store::InterlinkId id) const {
  const Link* link = Find(id);
  return link == nullptr ? nullptr : link->streams.active();
}

Session* Sessions::LeavingOf(store::InterlinkId id) const {
  for (const auto& [session, owned] : leaving_) {
    if (session->link() == id && session->is_open()) return session;
  }
  return nullptr;
}

bool Sessions::MayReach(store::InterlinkId id) const {
  const Link* link = Find(id);
  if (link == nullptr) return false;
  if (const Session* active = link->streams.active()) {
    return active->is_open() && !active->is_late();
  }
  return dialler_.MayReach(id);
}

size_t Sessions::open() const {
  return static_cast<size_t>(
      std::count_if(links_.begin(), links_.end(), [](const auto& link) {
        return link.second->streams.active() != nullptr;
      }));
}

size_t Sessions::pending() const {
  size_t count = callers_.size() + leaving_.size();
  for (const auto& [id, link] : links_) {
    count += link->streams.candidates().size();
  }
  return count;
}

}  // namespace interlink::federation
