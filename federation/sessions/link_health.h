#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/interlinks.h"
#include "federation/linking/removal_outbox.h"
#include "federation/linking/removals.h"

namespace interlink::federation {

// Whether the peers of established links answer (design.md section 7). A link
// is CONNECTED only while an answered ping, or the handshake that made it, is
// less than thirty seconds old, and while it has a session or had one, or was
// made, less than five seconds ago: a connection that is refused or ends is
// news.
//
// Threading: loop only.
class LinkHealth {
 public:
  LinkHealth(EventLoop& loop, Interlinks& interlinks, Counters& counters,
             Removals& removals, RemovalOutbox& outbox);
  ~LinkHealth();

  // The link has a session now. Delivers the removals that its peer is owed.
  void SessionBegan(store::InterlinkId id);
  // The link has no session any more.
  void SessionEnded(store::InterlinkId id);
  // `check`: why no call over a link could be made, though its peer answers.
  void SetCallCheck(std::function<absl::Status(const Row&)> check) {
    call_check_ = std::move(check);
  }
  // The peer has answered a ping. `trouble`, else what the call check says, is
  // shown all the same.
  void Answered(store::InterlinkId id, Duration round_trip,
                const absl::Status& trouble);
  // The peer was not reached, its session broke, or the peer refused one
  // (`from_peer`). LINK_TERMINATED from the peer removes the row, or, while the
  // store refuses, turns it from green; LINK_UNKNOWN makes it an orphan, also
  // while it is paused.
  void Failed(store::InterlinkId id, const absl::Status& status, bool from_peer,
              std::optional<WallTime> next_try);
  // Whoever answers as the peer is not to be believed. Answers so far do not
  // count, LINK_UNKNOWN among them.
  void Distrust(store::InterlinkId id, const absl::Status& why,
                WallTime next_try);
  void SetPausedByPeer(store::InterlinkId id, bool is_paused);

  // A lookup over the link has ended.
  void CallEnded(store::InterlinkId id, const absl::Status& status,
                 bool from_peer);
  // Too many lookups have failed of late: no call should wait for this peer
  // until it has answered a ping.
  bool IsBroken(store::InterlinkId id) const;

 private:
  struct Link {
    std::optional<SteadyTime> last_answer;
    bool has_session = false;
    SteadyTime session_end;  // Or when the link was made.
    // The peer has deleted the link, and the store refuses to say so.
    bool is_terminated = false;
    bool is_removing = false;  // That is being stored.
    bool is_orphan = false;
    bool is_paused_by_peer = false;
    std::deque<SteadyTime> failures;  // Of lookups, since the last answer.
    std::unique_ptr<EventLoop::Timer> update;
  };

  void Observe(store::InterlinkId id);
  // When the link ceases to be CONNECTED if the peer stays silent.
  static SteadyTime AliveUntil(const Link& link);
  // In words, for a link whose peer has given no reason.
  std::string WhyUnreachable(const Link& link) const;
  // Removes the row if the peer says that it is gone; whether it says so.
  bool RemovedByPeer(store::InterlinkId id, const absl::Status& status,
                     bool from_peer);
  // Derives the row's health from what is known now; also when time alone has
  // changed it.
  void Update(store::InterlinkId id);

  EventLoop& loop_;
  Interlinks& interlinks_;
  Counters& counters_;
  Removals& removals_;
  RemovalOutbox& outbox_;
  std::function<absl::Status(const Row&)> call_check_ = [](const Row&) {
    return absl::OkStatus();
  };
  std::map<store::InterlinkId, Link> links_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
