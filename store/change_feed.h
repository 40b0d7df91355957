#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/database.h"

namespace interlink::store {

// The followers of a database: what Database::Follow() promises, for an engine
// that has no change feed of its own. A subscription may outlive the feed.
//
// Threading: one thread.
class ChangeFeed {
 public:
  // Takes all followers through the commit `revision`, which Get() and Scan()
  // show already. Neither of these two may be called by a follower.
  void Publish(Revision revision, const std::vector<Op>& ops);
  // Takes all followers through a reset: Get() and Scan() show something else
  // than the commits published so far.
  void Reset();
  // Whether one of these two is in progress.
  bool telling() const { return telling_; }

  // As Database::Follow().
  std::unique_ptr<Database::Subscription> Follow(std::string prefix,
                                                 Follower follower);

 private:
  struct Place {
    std::string prefix;
    Follower follower;
  };
  class Subscription;

  // Calls `take` for each follower, then has those for which it returned true
  // tell others.
  template <class Take>
  void TakeThenTell(Take take);

  // A subscription owns its place, so an ended one expires here.
  std::vector<std::weak_ptr<Place>> places_;
  bool telling_ = false;
};

}  // namespace interlink::store
