#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/base/event_loop.h"
#include "federation/mirrors/linked_peer.h"
#include "store/ids.h"
#include "store/internal_number.h"

namespace interlink::federation {

// An answer names at most so many links that did not answer: their ids have to
// fit into the 8 KiB of a call's trailing metadata.
inline constexpr size_t kMostNamed = 100;

// A number as a linked account shares it.
struct MirrorHit {
  std::shared_ptr<const LinkedPeer> peer;
  std::string name;     // As the peer sent it.
  std::string contact;  // Empty: the peer's template.
  SteadyTime fresh_until;
  bool needs_token = false;  // The peer lets in calls by call token only.
};

// Puts the accounts that have a number into the order in which they are called
// (design.md section 9).
void SortAsCalled(std::vector<MirrorHit>& hits);

// What is known of a number. The fresh hits are called before the stale ones.
struct MirrorFinding {
  std::vector<MirrorHit> fresh;  // From mirrors in step.
  std::vector<MirrorHit> stale;  // The last word of other mirrors.
  // Links whose mirrors are not in step, at most kMostNamed of them.
  std::vector<store::InterlinkId> not_in_step;
  // Whether any link whose mirror is not in step may be asked.
  bool is_any_askable = false;
};

// Links whose mirrors are not in step.
struct LinksOutOfStep {
  std::vector<store::InterlinkId> askable;  // All that may be asked.
  std::vector<store::InterlinkId> silent;   // At most kMostNamed others.
};

// How much of what a linked account shares is known, for the metrics.
struct MirrorExtent {
  size_t entries = 0;
  // When the mirror was last in step, at the latest now; nullopt if never.
  std::optional<SteadyTime> in_step;
};

// One entry of a list, which is in the order of numbers, then of links.
struct MirrorListed {
  store::InternalNumber number;
  MirrorHit hit;
  bool is_fresh = false;
};

}  // namespace interlink::federation
