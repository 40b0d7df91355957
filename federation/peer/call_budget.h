#pragma once

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/peer/peer_client.h"
#include "store/ids.h"

namespace interlink::federation {

// Bounds the work that callers may ask of the event loop: every call that the
// loop must decide pays before it is posted.
//
// A caller is a certificate and has a rate of its own. Anybody can make many
// certificates, so all callers of one source also share a rate. A connection
// over which a linked account speaks shares that of its link instead, and each
// caller has a few calls that need no share: a crowd shuts out neither a linked
// account nor a newcomer behind the same address.
//
// Threading: thread-safe. Lifetime: `loop` must outlive it.
class CallBudget {
 public:
  // How many calls one caller has a second in the long run, and in a row.
  static constexpr int kRate = 20;
  static constexpr int kAtOnce = 40;
  // The same of all callers of one source, as NetworkOf() tells it, or of one
  // link. The dearest call, a Session for a link that nobody knows, has its
  // certificate verified on the loop.
  static constexpr int kSharedRate = 200;
  static constexpr int kSharedAtOnce = 200;
  // How many of its calls each caller has even if nothing is left to share. A
  // peer that comes back needs one, and one more if its first attempt fails.
  static constexpr double kOwnRate = 0.5;
  static constexpr int kOwn = 2;
  // Of the callers that are remembered, and of the sources and links, too.
  static constexpr size_t kMostCallers = 20'000;

  explicit CallBudget(const EventLoop& loop) : loop_(loop) {}

  // Charges a call of `caller`; `link`: the one that speaks over the caller's
  // connection, if any. Errors: RATE_LIMITED, with when to try again.
  absl::Status Take(const PeerCaller& caller,
                    std::optional<store::InterlinkId> link);

 private:
  struct Caller {
    TokenBucket calls{kRate, kAtOnce};
    TokenBucket own{kOwnRate, kOwn};
    bool IsFull(SteadyTime now) const {
      return calls.IsFull(now) && own.IsFull(now);
    }
  };
  struct Shared : TokenBucket {
    Shared() : TokenBucket(kSharedRate, kSharedAtOnce) {}
  };

  // Buckets by key. Forgets the full ones when there are too many.
  template <class Key, class Bucket>
  class Buckets {
   public:
    // nullptr if there is no room for one more.
    Bucket* Of(const Key& key, SteadyTime now);

   private:
    absl::flat_hash_map<Key, Bucket> buckets_;
    // Until then a look for full ones is in vain.
    SteadyTime busy_until_{};
  };

  const EventLoop& loop_;
  absl::Mutex mutex_;
  // By a hash of the certificate: a collision only shares a budget.
  Buckets<size_t, Caller> callers_ ABSL_GUARDED_BY(mutex_);
  // By network, or by the bytes of a link's id, which are longer.
  Buckets<std::string, Shared> shared_ ABSL_GUARDED_BY(mutex_);
  // Of the sources and links for which there is no room.
  Shared others_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
