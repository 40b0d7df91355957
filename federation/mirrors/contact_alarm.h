#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "federation/ledger/context.h"
#include "federation/ledger/peer_events.h"
#include "interlink/federation/v1/federation.pb.h"

namespace interlink::federation {

// Tells the administrator when a peer would have calls go where nobody expects
// them (design.md section 9), so often that it is seen and so seldom that no
// peer can fill the log.
class ContactAlarm {
 public:
  // So many hosts of numbers are told of one link, ever.
  static constexpr int kMostHosts = 16;

  // `events` must outlive it.
  ContactAlarm(const Context& context, PeerEvents& events)
      : context_(context), events_(events) {}

  // Numbers of that link's peer have contacts of their own. Each host that is
  // not the one named at linking is told once. Loop only.
  void Heard(store::InterlinkId id, const v1::DirectoryPart& part);

  // A number over that link would lead back to the PBX that asks. Told once an
  // hour and link. Any thread.
  void LeadsBack(store::InterlinkId id, store::InternalNumber number);

 private:
  // Of links that are gone, too: cleared when there are more.
  static constexpr size_t kMostLinks = 10'000;

  Context context_;
  PeerEvents& events_;
  absl::Mutex mutex_;
  // When it was told of a link.
  std::map<store::InterlinkId, SteadyTime> told_ ABSL_GUARDED_BY(mutex_);
  // What is posted to the loop finds this gone when the account is.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace interlink::federation
