#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "federation/base/contact_template.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/interlinks.h"
#include "store/ids.h"

namespace interlink::federation {

// What answers say of the link over which a number is reached. Immutable.
struct LinkedPeer {
  store::InterlinkId id;
  std::string id_text;
  std::string name;
  uint32_t priority = 0;
  std::string dial_prefix;
  WallTime establish_time;
  // The peer's template; nullopt if it has none that keeps the rules.
  std::optional<ContactTemplate> contact;
  bool asks_for_call_tokens = false;
  // The peer has paused the link: none of its numbers is given out, and while
  // pongs come its mirror counts as in step.
  bool is_paused = false;

  // nullptr if nothing over the link counts: it is paused here, or orphaned.
  static std::shared_ptr<const LinkedPeer> Of(const Row& row);
};

}  // namespace interlink::federation
