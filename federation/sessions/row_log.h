#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "federation/base/announcement.h"
#include "federation/ledger/interlinks.h"
#include "federation/peer/link_budget.h"

namespace interlink::federation {

// Says in a line of the log which row comes, goes, or changes its state or its
// circle, by name and id.
//
// A peer can turn a circle as often as it likes, by a pause for instance. So
// the first kAtOnce turns of a link have a line each, and then there is one a
// minute, which says what the row is by then and for how many turns it stands.
// Threading: loop only. Lifetime: the arguments must outlive it.
class RowLog {
 public:
  static constexpr int kAtOnce = 10;

  using Write = std::function<void(const std::string& line)>;

  RowLog(EventLoop& loop, Interlinks& interlinks, Write write);

 private:
  struct Shown {
    api::InterlinkState state = api::INTERLINK_STATE_UNSPECIFIED;
    api::Indicator indicator = api::INDICATOR_UNSPECIFIED;
    bool operator==(const Shown&) const = default;
  };
  struct Known {
    std::string name;
    Shown shown;
    int turns = 0;  // That no line has told of.
  };

  void Observe(store::InterlinkId id);
  void Tell(store::InterlinkId id, Known& known);
  // Writes what waits, of a few links from that one on; returns the link to go
  // on with.
  std::optional<store::InterlinkId> WriteSome(store::InterlinkId from);

  Interlinks& interlinks_;
  const Write write_;
  LinkBudget budget_;
  std::map<store::InterlinkId, Known> rows_;
  std::set<store::InterlinkId> waiting_;
  Announcement round_;
  std::unique_ptr<Observers<store::InterlinkId>::Subscription> subscription_;
};

}  // namespace interlink::federation
