#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "federation/peer/address_rounds.h"
#include "federation/sessions/clone_detector.h"
#include "federation/sessions/sessions.h"

namespace interlink::federation {

// What Sessions knows of one established link.
struct Sessions::Link {
  std::unique_ptr<Session> active;
  // Streams that have not yet been chosen, by their first pong.
  std::vector<std::unique_ptr<Session>> candidates;
  // Decides between the active one and a candidate that should not replace it.
  std::unique_ptr<EventLoop::Timer> contest;
  SteadyTime active_since;
  bool was_paused = false;
  bool is_waking = false;  // It is among those that are to be woken.

  // Of the candidates: dialled here, and not greeted yet.
  Session* dialling = nullptr;
  std::string dialled_address;
  std::vector<std::string> known_addresses;  // Of the latest round.
  AddressRounds rounds{Duration::zero(), std::chrono::seconds(60)};
  std::unique_ptr<EventLoop::Timer> dial;

  PeerInstances instances;
  SteadyTime hold_until;
  absl::Status hold;
};

}  // namespace interlink::federation
