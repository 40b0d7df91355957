#pragma once

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/ledger.h"
#include "federation/ledger/peer_events.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Tells the administrator when a peer would send calls to a host that nobody
// expects (design.md section 9): often enough to be seen, and too seldom to
// fill the log.
//
// Lifetime: the references must outlive it.
class ContactAlarm {
 public:
  // Hosts of which is told for one link, ever.
  static constexpr int kMostHosts = 16;

  ContactAlarm(EventLoop& loop, Ledger& ledger, PeerEvents& events)
      : loop_(loop), ledger_(ledger), events_(events) {}

  // Some numbers of the link's peer may have contacts of their own. Tells once
  // of each host that is not the one named at linking. Loop only.
  void Heard(store::InterlinkId id, const v1::DirectoryPart& part);

  // A number over the link would lead back to the PBX that asks. Tells of it
  // once an hour for each link. Any thread.
  void LeadsBack(store::InterlinkId id, store::InternalNumber number);

 private:
  // Among them are links that are gone, so all are forgotten when there are
  // more.
  static constexpr size_t kMostLinks = 10'000;

  // Entries of one link whose hosts are to be told of.
  struct Hosts {
    v1::DirectoryPart part;  // At most kMostHosts.
    bool is_telling = false;
  };
  void Tell(store::InterlinkId id);

  EventLoop& loop_;
  Ledger& ledger_;
  PeerEvents& events_;
  absl::Mutex mutex_;
  // When it last told of a link.
  std::map<store::InterlinkId, SteadyTime> told_ ABSL_GUARDED_BY(mutex_);
  std::map<store::InterlinkId, Hosts> hosts_;  // Loop only.
  // Tasks on the loop look at this, because they may outlive the account.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
