#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/database.h"

namespace interlink::store {

// The followers of a database, for an engine without a change feed of its own:
// keeps the promises of Database::Follow(). A subscription may outlive the
// feed.
//
// Threading: one thread.
class ChangeFeed {
 public:
  // Takes all followers through commit `revision`, which Get() and Scan() show
  // already. A follower must call neither this nor Reset().
  void Publish(Revision revision, const std::vector<Op>& ops);
  // The same, of a commit whose changes bear revisions of their own, because it
  // stands for several that were made together.
  void Publish(Revision revision, const std::vector<Change>& changes);
  // Takes all followers through a reset: Get() and Scan() no longer show what
  // the commits published so far would make.
  void Reset();
  // Whether Publish() or Reset() is in progress.
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

  // Owned by the subscriptions: the place of an ended one expires.
  std::vector<std::weak_ptr<Place>> places_;
  bool telling_ = false;
};

}  // namespace interlink::store
