#include "daemon/net/once_per_source.h"

#include <algorithm>

namespace interlink::daemon {

bool OncePerSource::MayLog(const std::string& network,
                           federation::SteadyTime now) {
  const auto found = quiet_until_.find(network);
  if (found != quiet_until_.end() && now < found->second) return false;
  if (quiet_until_.size() >= kMaxSources) {
    if (now < full_until_) return false;
    full_until_ = now + kQuiet;
    std::erase_if(quiet_until_, [&](const auto& entry) {
      if (entry.second > now) full_until_ = std::min(full_until_, entry.second);
      return entry.second <= now;
    });
    if (quiet_until_.size() >= kMaxSources) return false;
  }
  quiet_until_[network] = now + kQuiet;
  return true;
}

}  // namespace interlink::daemon
