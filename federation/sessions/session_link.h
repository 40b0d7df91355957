#pragma once

#include <memory>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/sessions/clone_detector.h"
#include "federation/sessions/link_streams.h"

namespace interlink::federation {

// What Sessions knows of one link.
struct SessionLink {
  explicit SessionLink(bool own_is_smaller) : streams(own_is_smaller) {}

  LinkStreams streams;
  SteadyTime active_since;
  bool was_paused = false;
  bool is_call_trouble_told = false;
  // The candidate that was dialled here and has not greeted yet.
  Session* dialling = nullptr;
  // Decides between the active session and a candidate that it outranks.
  std::unique_ptr<EventLoop::Timer> contest;
  CloneDetector clones;
  SteadyTime hold_until;
  absl::Status hold;
};

}  // namespace interlink::federation
