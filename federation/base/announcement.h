#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "federation/base/event_loop.h"
#include "store/ids.h"

namespace interlink::federation {

// Tells the peers of all links of a change: at once, but at most once in an
// interval, so that one message covers several changes, and a few links at a
// time, so that many links do not hold up the loop.
//
// Threading: loop only.
class Announcement {
 public:
  // Tells the peers of a few links from `from` on. Returns the link to go on
  // with, or nullopt when all have been told.
  using TellSome =
      std::function<std::optional<store::InterlinkId>(store::InterlinkId from)>;

  // `loop` must outlive it.
  Announcement(EventLoop& loop, TellSome tell_some,
               Duration interval = std::chrono::seconds(1))
      : loop_(loop), tell_some_(std::move(tell_some)), interval_(interval) {}

  // Begins a round, now or when it is due.
  void Changed();

 private:
  void Step();

  EventLoop& loop_;
  const TellSome tell_some_;
  const Duration interval_;
  bool is_due_ = false;
  std::optional<store::InterlinkId> next_;   // Link of this round.
  std::unique_ptr<EventLoop::Timer> timer_;  // Runs the next step.
};

}  // namespace interlink::federation
