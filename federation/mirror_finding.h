#pragma once

#include <memory>
#include <string>
#include <vector>

#include "federation/event_loop.h"
#include "federation/link_info.h"
#include "store/ids.h"
#include "store/internal_number.h"

namespace interlink::federation {

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
  // Links whose mirrors are not in step, and whether it is worth asking one.
  std::vector<store::InterlinkId> not_in_step;
  bool is_any_askable = false;
};

// One entry for a list; in the order of numbers, then of links as they came.
struct MirrorListed {
  store::InternalNumber number;
  MirrorHit hit;
  bool is_fresh = false;
};

}  // namespace interlink::federation
