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

// What an answer tells of the link that it came over. Never changed once made.
struct LinkInfo {
  store::InterlinkId id;
  std::string id_text;
  std::string name;
  uint32_t priority = 0;
  WallTime establish_time;
  // The peer's template; nullopt: it has none that keeps the rules.
  std::optional<ContactTemplate> contact;
  // By the peer, as far as is known: nothing of it is given out, and that is in
  // step while pongs come.
  bool is_paused = false;

  // nullptr if the peer has no say: the link is paused here, or orphaned.
  static std::shared_ptr<const LinkInfo> Of(const Row& row);
};

}  // namespace interlink::federation
