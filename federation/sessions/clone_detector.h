#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"

namespace interlink::federation {

// Of two daemons that run as the peer.
inline constexpr std::string_view kCloned =
    "two daemons run as the other account, so one is a copy of the other, "
    "perhaps a restored backup; its administrator has to stop one";

// The daemons that were at the other end of a link of late. Two that take turns
// are copies of one account, and so are two that both answer; one that was
// never there before is a restart.
//
// Threading: loop only.
class PeerInstances {
 public:
  // Notes who is at the other end now; true if it is two who take turns.
  bool TakeTurns(const std::string& instance, SteadyTime now);
  // The refusal of a session that is earlier than the one that stands. It may
  // be of another daemon; the one that has the session may be dead.
  absl::Status TurnAway(const std::string& instance, SteadyTime now);
  // The one at the other end has answered a ping of that time. True if another
  // came back before, after it had been turned away; once for each time.
  bool BothRun(SteadyTime pinged_at);
  void Forget();

 private:
  std::vector<std::string> instances_;   // The latest last.
  std::deque<SteadyTime> flips_;         // Returns of one seen before.
  std::string turned_away_;              // Another one, the last that was.
  std::optional<SteadyTime> came_back_;  // When it did so.
};

}  // namespace interlink::federation
