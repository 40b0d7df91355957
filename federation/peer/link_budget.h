#pragma once

#include <map>

#include "federation/base/event_loop.h"
#include "federation/base/token_bucket.h"
#include "store/ids.h"

namespace interlink::federation {

// Bounds how often the peer of each link may cause something, over whichever
// stream: a token bucket for each link, which reconnecting does not fill
// (design.md section 8).
//
// Threading: loop only. Lifetime: `loop` must outlive it.
class LinkBudget {
 public:
  // `rate` a second in the long run, and `at_once` in a row.
  LinkBudget(const EventLoop& loop, double rate, double at_once)
      : loop_(loop), rate_(rate), at_once_(at_once) {}

  // Of commits that the peer causes: more than the rules give it cause to.
  static LinkBudget ForCommits(const EventLoop& loop) {
    return {loop, 1.0 / 6, 10};
  }

  // Whether the peer of `link` may cause it now. If so, takes a token.
  bool Take(store::InterlinkId link);

 private:
  // Twice as many as an account has links, so some bucket is always full, and
  // the full ones are forgotten.
  static constexpr size_t kMostBuckets = 20'000;

  const EventLoop& loop_;
  const double rate_;
  const double at_once_;
  std::map<store::InterlinkId, TokenBucket> buckets_;
};

}  // namespace interlink::federation
