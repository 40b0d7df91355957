#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// Bounds the work that each caller may ask of the event loop: every call that
// the loop must decide takes a token from the caller's bucket before it is
// posted.
//
// A caller is a certificate, so neighbours behind one address do not spend each
// other's tokens. A source that keeps showing new certificates gets few tokens
// for each.
//
// Threading: thread-safe. Lifetime: `loop` must outlive it.
class CallBudget {
 public:
  // How many calls one caller has a second in the long run, and in a row.
  static constexpr int kRate = 20;
  static constexpr int kAtOnce = 40;
  // How many new callers one source has a second in the long run, and in a row.
  // A caller beyond these has kFew calls in a row.
  static constexpr int kNewRate = 10;
  static constexpr int kNewAtOnce = 1'000;
  static constexpr int kFew = 2;
  // Of the callers that are remembered, and of the sources, too.
  static constexpr size_t kMostCallers = 20'000;

  explicit CallBudget(const EventLoop& loop) : loop_(loop) {}

  // Charges a call of `caller`. Errors: RATE_LIMITED, with when to try again.
  absl::Status Take(const PeerCaller& caller);

 private:
  template <class Key>
  using Buckets = absl::flat_hash_map<Key, TokenBucket>;

  TokenBucket NewBucket(const PeerCaller& caller, SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const EventLoop& loop_;
  absl::Mutex mutex_;
  // By a hash of the certificate: a collision only shares a budget.
  Buckets<size_t> callers_ ABSL_GUARDED_BY(mutex_);
  Buckets<std::string> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
