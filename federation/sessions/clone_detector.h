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
  // Returns the refusal of a session of `instance` that began before the one
  // that stands, and notes it: the daemon that has the session may be dead.
  absl::Status TurnAway(const std::string& instance, SteadyTime now);
  // Called when the daemon at the other end has answered a ping that was sent
  // at `pinged_at`. True if another daemon was turned away twice before that
  // ping, so that both run; once for each return of that daemon.
  bool BothRun(SteadyTime pinged_at);
  // For five minutes after two daemons were last seen to run at once: that they
  // do. OK otherwise.
  absl::Status Trouble(SteadyTime now) const;
  void Forget();

 private:
  std::vector<std::string> instances_;   // The latest last.
  std::deque<SteadyTime> flips_;         // Returns of one seen before.
  std::string turned_away_;              // The last instance that was.
  std::optional<SteadyTime> came_back_;  // When that one came again.
  std::optional<SteadyTime> both_ran_;   // When they were last seen to.
};

}  // namespace interlink::federation
