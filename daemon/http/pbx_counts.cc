#include "daemon/http/pbx_counts.h"

#include <algorithm>
#include <chrono>

namespace interlink::daemon {

void PbxCounts::Add(PbxPage page, unsigned status) {
  const auto known = std::find(kStatuses.begin(), kStatuses.end(), status);
  if (known != kStatuses.end()) {
    ++requests_[static_cast<size_t>(page)]
               [static_cast<size_t>(known - kStatuses.begin())];
  }
}

void PbxCounts::AddTime(federation::Duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++buckets_[static_cast<size_t>(bound - kBounds.begin())];
  nanoseconds_ += static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
}

}  // namespace interlink::daemon
