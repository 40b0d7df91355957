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

// Writes a line of the log for each row that comes, goes, or changes its state
// or the colour of its circle.
//
// A peer can change the colour as often as it likes, by pausing for instance.
// So the first kAtOnce turns of a link have a line each; then there is one line
// a minute, with the row as it is by then and the number of turns.
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
    int turns = 0;  // Since its last line.
  };

  void Observe(store::InterlinkId id);
  void WriteLine(store::InterlinkId id, Known& known);
  // Writes the lines that wait, of a few links from that one on; returns the
  // link to go on with.
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
