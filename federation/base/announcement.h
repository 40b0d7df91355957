#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "federation/base/event_loop.h"
#include "store/ids.h"

namespace interlink::federation {

// Tells the peers of all links that something has changed: at once, but at most
// once a second, so that changes in a row are told together; and in steps, so
// that many links do not hold the loop.
//
// Threading: loop only.
class Announcement {
 public:
  // Tells a few peers, from that link on; returns the link to go on with, or
  // nullopt if all have been told.
  using TellSome =
      std::function<std::optional<store::InterlinkId>(store::InterlinkId from)>;

  // `loop` must outlive it.
  Announcement(EventLoop& loop, TellSome tell_some)
      : loop_(loop), tell_some_(std::move(tell_some)) {}

  // There is something to tell.
  void Changed();

 private:
  void Step();

  EventLoop& loop_;
  const TellSome tell_some_;
  bool is_due_ = false;
  std::optional<store::InterlinkId> next_;   // Of the round under way.
  std::unique_ptr<EventLoop::Timer> timer_;  // Until there may be another.
};

}  // namespace interlink::federation
