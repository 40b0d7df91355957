#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "federation/base/announcement.h"
#include "federation/base/event_loop.h"
#include "federation/ledger/ledger.h"
#include "federation/peer/link_budget.h"
#include "store/records.h"

namespace interlink::federation {

// Writes events that a peer can cause as often as it likes, such as a flood, as
// fast as the budget of its link allows. None is lost while the daemon runs.
//
// An event waits in memory while the budget is used up or the store takes no
// changes, and is written later with the time at which it happened. Equal
// events that wait are merged into one with a count. At most kMostOfOneKind
// events of one link and kind wait; a further one is merged into the newest of
// them.
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class PeerEvents {
 public:
  static constexpr size_t kMostOfOneKind = 4;

  PeerEvents(Ledger& ledger, EventLoop& loop, LinkBudget& budget);

  // `about` is the row or the tombstone; `count`: how often it happened.
  void Tell(std::string_view kind, std::string_view actor,
            const store::v1::InterlinkRecord& about, std::string message,
            uint64_t count = 1);
  void Tell(store::v1::EventRecord event);

 private:
  using Waiting = std::deque<store::v1::EventRecord>;

  static void Add(store::v1::EventRecord event, Waiting& waiting);
  // Writes one event of each of a few links from `from` on; returns the link to
  // go on with.
  std::optional<store::InterlinkId> WriteSome(store::InterlinkId from);
  // One event of each of `links`.
  void Write(std::vector<store::InterlinkId> links, Changes changes);

  Ledger& ledger_;
  LinkBudget& budget_;
  std::map<store::InterlinkId, Waiting> waiting_;  // None is empty.
  // Links whose event is being stored. No other of theirs is meanwhile, so that
  // they stay in their order if that fails.
  std::set<store::InterlinkId> writing_;
  Announcement round_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
