#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "federation/base/event_loop.h"
#include "federation/mirrors/linked_peer.h"
#include "store/ids.h"
#include "store/internal_number.h"

namespace interlink::federation {

// Of the links that did not answer, so many are named in an answer: their ids
// have to fit into the 8 KiB of a call's trailing metadata.
inline constexpr size_t kMostNamed = 100;

// A number as a linked account shares it.
struct MirrorHit {
  std::shared_ptr<const LinkInfo> link;
  std::string name;     // As the peer sent it.
  std::string contact;  // Empty: the link's.
  SteadyTime fresh_until;
};

// What is known of a number.
struct MirrorFinding {
  std::vector<MirrorHit> fresh;  // From mirrors in step.
  std::vector<MirrorHit> stale;  // The last word of others.
  // Links whose mirrors are not in step, at most kMostNamed of them, and
  // whether it is worth asking one.
  std::vector<store::InterlinkId> not_in_step;
  bool is_any_askable = false;
};

// Links whose mirrors are not in step.
struct LinksOutOfStep {
  std::vector<store::InterlinkId> askable;  // Those that are worth asking.
  std::vector<store::InterlinkId> silent;   // Others, at most kMostNamed.
};

// One entry for a list; in the order of numbers, then of links as they came.
struct MirrorListed {
  store::InternalNumber number;
  MirrorHit hit;
  bool is_fresh = false;
};

}  // namespace interlink::federation
