#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "store/etcd/contents.h"

namespace interlink::store {

class Layout;
struct EtcdOptions;

// Follows what etcd makes of an account's keys, by one watch at one member
// after another: a thread.
//
// Threading: the thread calls the functions of Events; everything else may be
// called from any thread. Lifetime: destroying it ends the thread soon; nothing
// is called afterwards. `layout` must outlive it.
class EtcdFeed {
 public:
  struct Events {
    // The next transaction.
    std::function<void(Transaction)> on_transaction;
    // All of it, because transactions were compacted before they were seen.
    std::function<void(Contents)> on_reload;
    // No member has let the feed follow for EtcdOptions::patience, and why; OK
    // once one does.
    std::function<void(absl::Status)> on_trouble;
    // The feed has ended for good: what etcd holds is not what the transactions
    // so far have made. DATA_LOSS or FAILED_PRECONDITION.
    std::function<void(absl::Status)> on_end;
  };

  // Is to begin after `contents`, whose entries it does not need.
  EtcdFeed(const EtcdOptions& options, const Layout& layout, Contents contents,
           Events events);
  ~EtcdFeed();

  // Begins. Once.
  void Start();

  // A transaction, or a reload, was taken in. The feed waits when too many were
  // not.
  void Done();
  // Goes on to the next member if this is the one that it follows.
  void Leave(const std::string& endpoint);

 private:
  class Thread;

  const std::unique_ptr<Thread> thread_;
};

}  // namespace interlink::store
