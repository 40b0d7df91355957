#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "store/follower.h"

namespace interlink::store {

class EtcdClient;
class Layout;
struct EtcdOptions;

// A transaction that is to follow the latest commit that is known.
struct Attempt {
  std::string base;       // That commit: the sealed value of Layout::commit().
  Revision revision = 0;  // And its count.
  // The commit that the transaction makes; empty if it only makes sure that
  // `base` is the latest.
  std::string commit;
  std::vector<Change> changes;
  // The revision of etcd that made this replica the leader; 0 if there is none.
  int64_t leadership = 0;
};

// What became of an attempt.
struct Fate {
  enum Kind {
    kMade,       // The watch will show it, or has.
    kNotMade,    // It never will be: another commit has followed `base`.
    kMoved,      // Another commit has followed `base`, or this one and others.
    kRefused,    // It never will be made: `status` says why and what to do.
    kNotLeader,  // It never will be made: this replica is not the leader.
    kCancelled,  // The database ends.
  };
  Kind kind;
  absl::Status status;
};

// Makes attempts, one after another, and finds out what became of each.
//
// If an answer is lost, an empty commit that follows the same one settles it:
// either that is made, and then the attempt never can be, or it is not, because
// another commit has followed already. No answer at all is waited for until
// there is one.
//
// Threading: Make() and Settle() from the writer's thread, and they wait for
// etcd; Cancel() from any. The functions of Events are called on the writer's
// thread.
class Attempts {
 public:
  struct Events {
    // A commit has not been settled for EtcdOptions::patience, and why.
    std::function<void(absl::Status)> on_trouble;
    // This member has not answered in time.
    std::function<void(const std::string&)> on_silence;
  };

  // Lifetime: `layout` must outlive it.
  Attempts(const EtcdOptions& options, const Layout& layout, Events events);
  ~Attempts();

  Fate Make(const Attempt& attempt);
  // Makes the empty commit in its place, and so finds out whether etcd takes
  // commits: kNotMade, kMoved, kNotLeader or kCancelled.
  Fate Settle(const Attempt& attempt);

  void Cancel();

 private:
  absl::Status Send(const Attempt& attempt, Fate* fate);

  const Layout& layout_;
  const std::chrono::milliseconds patience_;
  const Events events_;
  const std::unique_ptr<EtcdClient> client_;
};

}  // namespace interlink::store
