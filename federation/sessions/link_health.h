#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "federation/ledger/context.h"
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
  LinkHealth(const Context& context, Removals& removals);
  ~LinkHealth();

  // The link has a session now, or has none any more.
  void SessionBegan(store::InterlinkId id);
  void SessionEnded(store::InterlinkId id);
  // The peer has answered a ping. `trouble`: what is amiss all the same.
  void Answered(store::InterlinkId id, Duration round_trip,
                const absl::Status& trouble);
  // The peer was not reached, its session broke, or it refused it
  // (`from_peer`). LINK_TERMINATED from the peer removes the row, or ends its
  // green if the store cannot; LINK_UNKNOWN makes it an orphan.
  void Failed(store::InterlinkId id, const absl::Status& status, bool from_peer,
              std::optional<WallTime> next_try);
  // What answers is not to be believed; answers so far do not count, and
  // neither does that it knows nothing of the link.
  void Doubt(store::InterlinkId id, const absl::Status& why, WallTime next_try);
  void SetPausedByPeer(store::InterlinkId id, bool is_paused);

  // A lookup over the link has ended.
  void CallEnded(store::InterlinkId id, const absl::Status& status,
                 bool from_peer);
  // Whether so many lookups failed of late that no call should wait for this
  // peer before it has answered a ping.
  bool IsBroken(store::InterlinkId id) const;

 private:
  struct Link {
    std::optional<SteadyTime> last_answer;
    bool has_session = false;
    SteadyTime session_end;  // Or when the link was made.
    // By the peer, and the store refused to say so.
    bool is_terminated = false;
    bool is_orphan = false;
    bool is_paused_by_peer = false;
    std::deque<SteadyTime> failures;  // Of lookups, since the last answer.
    std::unique_ptr<EventLoop::Timer> judgement;
  };

  void Observe(store::InterlinkId id);
  // Until when the link is CONNECTED if nothing more comes of it.
  SteadyTime AliveUntil(const Link& link) const;
  // Of a link whose peer has given no reason.
  std::string WhyUnreachable(const Link& link) const;
  // Whether the row is gone because the peer says that it is.
  bool RemovedByPeer(store::InterlinkId id, const absl::Status& status,
                     bool from_peer);
  // Derives the row's health from what is known now.
  void Judge(store::InterlinkId id);

  Context context_;
  Removals& removals_;
  std::map<store::InterlinkId, Link> links_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
