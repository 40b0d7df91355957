#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "federation/base/announcement.h"
#include "federation/base/call_queue.h"
#include "federation/sessions/link_health.h"
#include "federation/sessions/session.h"

namespace interlink::federation {

// The live sessions of all links: who dials when, and which stream a link goes
// by when there are several (design.md section 8).
//
//   epoch     A later session of the same dialer takes over from an earlier.
//   dialled   by both: the one by the smaller account id stays. The other is
//             closed only when a pong has come over the one that stays.
//   clones    Of two daemons in turn as one account: no session for a minute.
//
// Threading: loop only.
class Sessions final : public Session::Owner {
 public:
  // Begins to dial every link that has an address. `services` and `health` must
  // outlive it. `starts`: how often the daemon was started with this store.
  Sessions(const SessionServices& services, LinkHealth& health, uint64_t starts,
           Observers<store::InternalNumber>& shared_changes);
  ~Sessions();

  // A peer, or whoever it is, has opened a stream.
  void Accept(PeerCaller caller, std::unique_ptr<PeerStream> stream);

  // Says goodbye to all peers, because this daemon stops; from now on there are
  // no sessions. Calls `told` once, when all have been told or cannot be.
  void EndAll(const absl::Status& why, std::function<void()> told);

  // Tells all peers what this account now says of itself.
  void IntroduceAll();
  // The link's peer floods this daemon: no session for a minute, and an event.
  void HoldFlooder(store::InterlinkId id);

  // Asks the link's owner of the number, over the session or by a call, few of
  // which are under way at once. False if there is no point in asking now.
  bool Lookup(store::InterlinkId id, store::InternalNumber number,
              Duration timeout, PeerClient::Done<v1::LookupResponse> done);
  // False if no session with that peer stands.
  bool Terminate(const store::v1::Peer& peer, store::InterlinkId id,
                 const v1::TerminateRequest& request,
                 PeerClient::Done<v1::TerminateResponse> done);

  size_t open() const;     // Links that have a session.
  size_t pending() const;  // Streams that are no link's session yet.

 private:
  struct Link;
  struct Stranger {
    std::unique_ptr<Session> session;
    PeerCaller caller;
  };

  absl::Status OnHello(Session& session, const v1::Hello& hello) override;
  void OnPong(Session& session, Duration round_trip) override;
  void OnLate(Session& session) override;
  void OnEnded(Session& session, const absl::Status& status,
               bool from_peer) override;
  template <class Action>
  static void ForEach(Link& link, Action action);
  void Observe(store::InterlinkId id);
  void WakeSome();
  absl::Status AdmitStranger(Session& session, const v1::Hello& hello);
  bool Replaces(const Session& fresh, const Session& old, const Row& row) const;
  void Promote(Link& link, Session& session);
  // Keeps the candidates that would replace the active one at their pong.
  void CloseOutranked(Link& link, store::InterlinkId id);
  void CloseCandidates(Link& link, const absl::Status& why);
  void HoldClone(Link& link, store::InterlinkId id);
  void Hold(Link& link, store::InterlinkId id, std::string_view event,
            absl::Status why);
  void TellIfAllEnded();
  std::optional<store::InterlinkId> IntroduceSome(store::InterlinkId from);
  bool IsAskable(store::InterlinkId id) const;
  void SetAskable(store::InterlinkId id);
  bool CallLookup(store::InterlinkId id, store::InternalNumber number,
                  SteadyTime until, PeerClient::Done<v1::LookupResponse> ended);

  // Dialling, in session_dialler.cc.
  void DialAfter(Link& link, store::InterlinkId id, Duration delay);
  void Dial(store::InterlinkId id);
  void DialNextAddress(Link& link, store::InterlinkId id);
  void DialEnded(Link& link, store::InterlinkId id, const absl::Status& status,
                 bool from_peer);
  void Redial(Link& link, store::InterlinkId id, const absl::Status& status,
              bool from_peer);

  const SessionServices& services_;
  const Context& context_;
  LinkHealth& health_;
  const std::string instance_id_;
  uint64_t next_epoch_;
  std::map<store::InterlinkId, std::unique_ptr<Link>> links_;
  // Without a Hello yet, or whose link is gone and its peer not told yet.
  std::map<Session*, Stranger> strangers_;
  std::map<Session*, std::unique_ptr<Session>> leaving_;
  absl::Status ending_;  // Why all were ended, if they were.
  std::function<void()> told_;
  CallQueue lookup_calls_;
  bool is_wake_due_ = false;  // All sessions may have a part to send.
  std::deque<store::InterlinkId> waking_;  // Of these links they still may.
  std::unique_ptr<EventLoop::Timer> wake_;
  std::optional<Announcement> introduction_;  // Until all were ended.
  std::unique_ptr<Observers<uint64_t>::Subscription> generations_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> rows_;
  std::unique_ptr<Observers<store::InternalNumber>::Subscription> numbers_;
};

}  // namespace interlink::federation
