#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "federation/base/announcement.h"
#include "federation/ledger/context.h"
#include "federation/ledger/transaction.h"

namespace interlink::federation {

// Writes an event when an established link ceases to be connected or is
// connected again, and when its peer pauses or resumes it. That a new link, or
// one of before the daemon's start, is connected is no event.
//
// What cannot be written yet, because the link's budget is used up or the store
// takes no changes, is written later if it still holds: the latest event of a
// link is what its row shows. Threading: loop only.
class TurnLog {
 public:
  explicit TurnLog(const Context& context);
  ~TurnLog();

 private:
  void Observe(store::InterlinkId id);
  // What the row is now, if that is to be told and `told_` has something else.
  std::optional<api::InterlinkHealth> News(store::InterlinkId id) const;
  // Writes what has turned, of a few links from that one on; returns the link
  // to go on with.
  std::optional<store::InterlinkId> WriteSome(store::InterlinkId from);
  static void Tell(const Row& row, api::InterlinkHealth before,
                   Transaction& transaction);

  Context context_;
  // Nobody can have answered yet, so whoever has not is no news.
  bool is_starting_ = true;
  std::map<store::InterlinkId, api::InterlinkHealth> told_;
  std::set<store::InterlinkId> due_;
  Announcement round_;
  std::unique_ptr<EventLoop::Timer> start_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
