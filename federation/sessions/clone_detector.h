#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"

namespace interlink::federation {

// For the administrator.
inline constexpr std::string_view kCloned =
    "two daemons run as the other account, so one is a copy of the other, "
    "perhaps a restored backup; its administrator has to stop one";

// Notices when two daemons run as the peer of a link: they take turns, or both
// answer. A daemon that was never there before is a restart.
//
// Threading: loop only.
class CloneDetector {
 public:
  // Notes the instance at the other end now; true if two take turns.
  bool TakeTurns(const std::string& instance, SteadyTime now);
  // The refusal of a session that is earlier than the one that stands, by
  // whichever daemon; the one that has the session may be dead.
  absl::Status TurnAway(const std::string& instance, SteadyTime now);
  // The daemon at the other end has answered a ping of that time. True if
  // another one, which had been turned away, came back before; once each time.
  bool BothRun(SteadyTime pinged_at);
  void Forget();

 private:
  std::vector<std::string> instances_;   // The latest last.
  std::deque<SteadyTime> flips_;         // Returns of one seen before.
  std::string turned_away_;              // The last instance that was.
  std::optional<SteadyTime> came_back_;  // When that one came again.
};

}  // namespace interlink::federation
