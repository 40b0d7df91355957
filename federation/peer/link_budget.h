#pragma once

#include <map>

#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "store/ids.h"

namespace interlink::federation {

// How much of something the peer of each link may cause, however it does so and
// over whichever stream: a token bucket for each link, which no reconnecting
// fills (design.md section 8).
//
// Threading: loop only. Lifetime: `loop` must outlive it.
class LinkBudget {
 public:
  // So many a second in the long run, and so many in a row.
  LinkBudget(const EventLoop& loop, double rate, double at_once)
      : loop_(loop), rate_(rate), at_once_(at_once) {}

  // Whether it may happen now; if so, it is charged.
  bool Take(store::InterlinkId link);

 private:
  // More than there are links, so that only full buckets are forgotten.
  static constexpr size_t kMostBuckets = 20'000;

  const EventLoop& loop_;
  const double rate_;
  const double at_once_;
  std::map<store::InterlinkId, TokenBucket> buckets_;
};

}  // namespace interlink::federation
