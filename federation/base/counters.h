#pragma once

#include <atomic>
#include <cstdint>

namespace interlink::federation {

// Event counts since the start, for the metrics.
//
// Threading: thread-safe.
struct Counters {
  using Count = std::atomic<uint64_t>;

  Count keys_generated{0};
  Count links_made_as_issuer{0};
  Count links_made_as_redeemer{0};
  Count redeems_refused{0};  // By this account, as issuer.
  Count redeem_tries{0};     // Calls made, as redeemer.
  Count lookups_found{0};    // Asked by peers.
  Count lookups_missed{0};
  Count lookups_refused{0};
  Count pings_received{0};
  Count pings_answered{0};  // Sent by this account.
  Count pings_failed{0};
  Count resolved_locally{0};  // Asked by the PBX.
  Count resolved_by_peers{0};
  Count resolved_stale{0};
  Count resolved_nowhere{0};
  Count resolved_incomplete{0};
  Count resolved_never_remote{0};
  Count resolves_refused{0};  // The question was malformed.
  Count removals_made{0};     // By the administrator.
  Count removals_received{0};
  Count removal_tries{0};  // Calls made.
  Count removals_delivered{0};
};

}  // namespace interlink::federation
