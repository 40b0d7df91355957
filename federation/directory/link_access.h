#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/ledger/interlinks.h"
#include "federation/peer/peer_client.h"
#include "store/ids.h"

namespace interlink::federation {

// Which caller may look up over which established link, for the calls that
// answer on the RPC thread. A link that is deleted or paused is shut here
// before that is answered to whoever asked for it.
//
// Threading: thread-safe.
class LinkAccess {
 public:
  // What a caller is to a link.
  enum class Verdict {
    kPeer,         // The link's peer, and the link stands.
    kPaused,       // The link's peer, but the link is paused here.
    kNotPeer,      // Somebody else.
    kNotOpen,      // No established link of that id: the loop has to look.
    kRateLimited,  // The link's peer, asking too often.
  };

  explicit LinkAccess(const EventLoop& loop) : loop_(loop) {}

  // Follows what the row has become; nullptr: it is gone.
  void Set(store::InterlinkId id, const Row* row);
  void SetLookupLimit(int per_second);
  // The template that a number without one of its own is answered with.
  void SetContact(std::string contact);
  std::string Contact() const;

  // `why` gets the refusal of the certificate if the verdict is kNotPeer.
  Verdict Check(store::InterlinkId id, const PresentedChain& certificate,
                absl::Status* why);
  // Of a caller that is known to be the link's peer.
  Verdict CheckKnown(store::InterlinkId id);

 private:
  struct Link {
    PeerPin pin;
    bool paused = false;
    TokenBucket bucket;
    // The certificate that passed latest, and until when that holds.
    std::string passed_leaf_pem;
    WallTime passed_until;
  };

  // The peer has proved itself: what it may.
  Verdict Admit(Link& link) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const EventLoop& loop_;
  mutable absl::Mutex mutex_;
  int lookup_limit_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string contact_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<store::InterlinkId, Link> links_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
