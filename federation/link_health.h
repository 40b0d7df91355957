#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/context.h"
#include "federation/link_access.h"
#include "federation/peer_client.h"
#include "federation/removals.h"

namespace interlink::federation {

// Whether the peers of established links answer, and at which address
// (design.md section 7). Asks each every ten seconds; a link is CONNECTED only
// while an answer, or an authenticated call from the peer, is less than thirty
// seconds old.
//
// Threading: loop only.
class LinkHealth {
 public:
  LinkHealth(const Context& context, const LinkAccess& access,
             Removals& removals);
  ~LinkHealth();

  // Whom to ask, and where. nullopt if the link has no address, or its peer has
  // not answered of late, so that a caller's time is not spent on it: the next
  // sign of life is the probe.
  std::optional<PeerTarget> Askable(store::InterlinkId id) const;

  // A call over the link has ended. LINK_TERMINATED and LINK_UNKNOWN from the
  // peer have their consequences, an answer is a sign of life, and other errors
  // count against the peer.
  void Ended(store::InterlinkId id, const absl::Status& status, bool from_peer,
             Duration round_trip);

  // The peer calls again after a silence.
  void Returned(store::InterlinkId id);

 private:
  struct Link {
    std::vector<std::string> addresses;  // Still to be tried in this round.
    std::string good_address;            // The one that answered last.
    std::optional<SteadyTime> last_answer;
    std::optional<SteadyTime> orphaned_at;
    bool paused_by_peer = false;
    std::deque<SteadyTime> failures;  // Since the last answer.
    std::unique_ptr<EventLoop::Timer> ping;
    std::unique_ptr<EventLoop::Timer> judgement;
  };

  void Observe(store::InterlinkId id);
  void PingAfter(Link& link, store::InterlinkId id, Duration delay);
  void PingAll(store::InterlinkId id);
  void PingNextAddress(store::InterlinkId id);
  // Derives the row's health from what is known now.
  void Judge(store::InterlinkId id);

  Context context_;
  const LinkAccess& access_;
  Removals& removals_;
  std::map<store::InterlinkId, Link> links_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
