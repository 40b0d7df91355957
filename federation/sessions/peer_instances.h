#pragma once

#include <deque>
#include <string>
#include <vector>

#include "federation/base/event_loop.h"

namespace interlink::federation {

// The daemons that were at the other end of a link of late. Two that take turns
// are copies of one account; one that was never there before is a restart.
//
// Threading: loop only.
class PeerInstances {
 public:
  // Notes who is at the other end now; true if it is two who take turns.
  bool TakeTurns(const std::string& instance, SteadyTime now);
  void Forget();

 private:
  std::vector<std::string> instances_;  // The latest last.
  std::deque<SteadyTime> flips_;        // Returns of one seen before.
};

}  // namespace interlink::federation
