#include "federation/peer/link_budget.h"

#include <cassert>
#include <iterator>

namespace interlink::federation {

bool LinkBudget::Take(store::InterlinkId link) {
  assert(loop_.IsOnLoop());
  const SteadyTime now = loop_.Now();
  if (buckets_.size() >= kMostBuckets) {
    for (auto i = buckets_.begin(); i != buckets_.end();) {
      i = i->second.IsFull(now) ? buckets_.erase(i) : std::next(i);
    }
  }
  return buckets_.try_emplace(link, rate_, at_once_).first->second.Take(now);
}

}  // namespace interlink::federation
