#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/base/announcement.h"
#include "federation/ledger/peer_events.h"
#include "federation/sessions/session_admission.h"
#include "federation/sessions/session_dialler.h"
#include "federation/sessions/session_factory.h"
#include "federation/sessions/session_link.h"

namespace interlink::federation {

// The live sessions of all links: which stream a link goes by when there are
// several (design.md section 8).
//
//   epoch     A later session of the same dialler takes over from an earlier.
//   dialled   by both: the one by the smaller account id stays. The other is
//             closed only when a pong has come over the one that stays.
//   clones    Two daemons that take turns get no session for a minute.
//
// Threading: loop only. Lifetime: the references must outlive it.
class Sessions final : private Session::Owner, private SessionDialler::Owner {
 public:
  // Begins to dial every link that has an address. `own`: this account.
  Sessions(store::AccountId own, EventLoop& loop, Randomness& randomness,
           Interlinks& interlinks, SessionFactory& factory,
           SessionAdmission& admission, LinkHealth& health,
           Introductions& introductions, PeerEvents& events);
  ~Sessions();

  // Somebody has opened a stream; its Hello will show whether it is a peer.
  void Accept(PeerCaller caller, std::unique_ptr<PeerStream> stream);

  // Says goodbye to all peers, for good. Calls `told` once, when all have been
  // told or cannot be.
  void EndAll(const absl::Status& why, std::function<void()> told);

  // What this account says of itself has changed, or its shared directory.
  void IntroduceAll() { introduction_.Changed(); }
  void SendDirectory() { directory_.Changed(); }
  // The link's peer floods this daemon: no session for a minute, and an event.
  void HoldFlooder(store::InterlinkId id);

  // The session that the link goes by, or nullptr.
  Session* ActiveOf(store::InterlinkId id) const;
  // An open session of a link that is gone, while its peer is told, or nullptr.
  Session* LeavingOf(store::InterlinkId id) const;
  // Whether the link has a session whose peer answers, or could have one.
  bool MayReach(store::InterlinkId id) const;
  // Called when MayReach() may have changed.
  Observers<store::InterlinkId>& observers() { return observers_; }

  size_t open() const;     // Links that have a session.
  size_t pending() const;  // Streams that are no link's session yet.

 private:
  using Link = SessionLink;
  struct Caller {
    std::unique_ptr<Session> session;
    PeerCaller caller;
  };

  void OnHello(Session& session, const v1::Hello& hello) override;
  void OnPong(Session& session, Duration round_trip) override;
  void OnLate(Session& session) override;
  void OnEnded(Session& session, const absl::Status& status,
               bool from_peer) override;
  bool NeedsSession(store::InterlinkId id) const override;
  void Connect(const Row& row, const std::string& address) override;

  Link* Find(store::InterlinkId id) const;
  void AddLink(const Row& row, Duration dial_after);
  void ObserveRow(store::InterlinkId id);
  void RemoveLink(Link& link, store::InterlinkId id);
  absl::Status Adopt(Session& session, const v1::Hello& hello,
                     store::InterlinkId id);
  void OnActivePong(Link& link, Session& session, Duration round_trip);
  void TellCallTrouble(Link& link, Session& session);
  void Promote(Link& link, Session& session);
  // Closes sessions that are the link's no more.
  void Dismiss(Link& link, std::vector<std::unique_ptr<Session>> sessions,
               const absl::Status& why);
  void DismissAll(Link& link, const absl::Status& why);
  void Hold(Link& link, store::InterlinkId id, std::string_view event,
            absl::Status why);
  Session& KeepLeaving(std::unique_ptr<Session> session);
  void TellIfAllEnded();
  // For Announcement: acts on the sessions of at most `most` links.
  std::optional<store::InterlinkId> ForSome(store::InterlinkId from,
                                            size_t most,
                                            void (*action)(Session&)) const;

  const store::AccountId own_;
  EventLoop& loop_;
  Interlinks& interlinks_;
  SessionFactory& factory_;
  SessionAdmission& admission_;
  LinkHealth& health_;
  Introductions& introductions_;
  PeerEvents& events_;
  SessionDialler dialler_;
  std::map<store::InterlinkId, std::unique_ptr<Link>> links_;
  std::map<Session*, Caller> callers_;  // Without a Hello yet.
  std::map<Session*, std::unique_ptr<Session>> leaving_;
  absl::Status ending_;  // Why all were ended, if they were.
  std::function<void()> told_;
  Announcement introduction_;
  Announcement directory_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> rows_;
  Observers<store::InterlinkId> observers_;
};

}  // namespace interlink::federation
