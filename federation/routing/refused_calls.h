#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/ledger.h"
#include "federation/ledger/peer_events.h"

namespace interlink::federation {

// Tells the administrator of calls that were not let in: the first of a link at
// once, and then at most once a minute all that came meanwhile, in one event,
// which says how many were refused for which reason.
//
// Lifetime: the references must outlive it.
class RefusedCalls {
 public:
  RefusedCalls(EventLoop& loop, Ledger& ledger, PeerEvents& events)
      : loop_(loop), ledger_(ledger), events_(events) {}

  // `link`: nullopt for a call of no link. `why`: one sentence, the same for
  // all calls that are refused for that reason; it must live as long as the
  // program. Any thread.
  void Note(std::optional<store::InterlinkId> link, std::string_view why);

 private:
  // How many calls were refused, by the sentence that says why.
  using Untold = std::map<std::string_view, uint64_t>;

  // Loop only.
  void Tell(store::InterlinkId link);

  EventLoop& loop_;
  Ledger& ledger_;
  PeerEvents& events_;
  absl::Mutex mutex_;
  // Of the links of which a call was refused within the last minute; calls of
  // no link are under the id of zeros.
  std::map<store::InterlinkId, Untold> untold_ ABSL_GUARDED_BY(mutex_);
  // Loop only. Under the same ids; each tells what has come in its minute.
  std::map<store::InterlinkId, std::unique_ptr<EventLoop::Timer>> minutes_;
  // Tasks on the loop look at this, because they may outlive the account.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
