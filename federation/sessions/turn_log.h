#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "federation/base/announcement.h"
#include "federation/ledger/ledger.h"
#include "federation/peer/link_budget.h"

namespace interlink::federation {

// Writes an event when an established link ceases to be connected or is
// connected again, and when its peer pauses or resumes it. The first connection
// of a link, or after the daemon's start, is no event.
//
// If the link's budget is used up or the store takes no changes, the event is
// written later, unless it is out of date by then: the latest event of a link
// agrees with its row. Threading: loop only. Lifetime: the arguments must
// outlive it.
class TurnLog {
 public:
  TurnLog(EventLoop& loop, Ledger& ledger, LinkBudget& budget);
  ~TurnLog();

 private:
  using Turns = std::map<store::InterlinkId, api::InterlinkHealth>;

  void Observe(store::InterlinkId id);
  // The row's health, if it is to be told and differs from the last one told.
  std::optional<api::InterlinkHealth> News(store::InterlinkId id) const;
  // Writes what has turned, of a few links from that one on; returns the link
  // to go on with.
  std::optional<store::InterlinkId> WriteSome(store::InterlinkId from);
  void Write(Turns turns);
  void Written(const Turns& turns, bool is_stored);
  store::v1::EventRecord EventFor(const Row& row,
                                  api::InterlinkHealth before) const;

  Ledger& ledger_;
  Interlinks& interlinks_;
  LinkBudget& budget_;
  // No peer can have answered yet, so silence is no news.
  bool is_starting_ = true;
  Turns told_;
  std::set<store::InterlinkId> due_;
  std::set<store::InterlinkId> writing_;  // Those whose event is being stored.
  Announcement round_;
  std::unique_ptr<EventLoop::Timer> start_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
