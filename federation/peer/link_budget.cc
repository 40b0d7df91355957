#include "federation/peer/link_budget.h"

#include <cassert>

namespace interlink::federation {

bool LinkBudget::Take(store::InterlinkId link) {
  assert(loop_.IsOnLoop());
  const SteadyTime now = loop_.Now();
  if (buckets_.size() >= kMostBuckets) ForgetFull(buckets_, now);
  return buckets_.try_emplace(link, rate_, at_once_).first->second.Take(now);
}

}  // namespace interlink::federation
