#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "federation/base/calls_by_link.h"
#include "federation/base/door_counts.h"
#include "federation/base/reason.h"

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
  // Calls that came in, as AuthorizeCall decided.
  Count calls_admitted{0};         // By their tokens.
  Count calls_admitted_openly{0};  // By their numbers: each question.
  Count calls_refused_invalid{0};  // No token of an open link.
  Count calls_refused_expired{0};
  Count calls_refused_used{0};
  Count calls_refused_limited{0};
  Count calls_refused_not_shared{0};
  Count removals_made{0};  // By the administrator.
  Count removals_received{0};
  Count removal_tries{0};  // Calls made.
  Count removals_delivered{0};
  // Sessions that broke or could not be made, by Reason; the last counts those
  // that gave none.
  std::array<Count, kReasonCount + 1> reconnects{};
  CallsByLink calls_by_link;
  // What the PBX asked, by door.
  DoorCounts at_grpc;
  DoorCounts at_http;
  DoorCounts at_sip;
};

}  // namespace interlink::federation
