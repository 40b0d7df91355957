#include "daemon/net/once_per_source.h"

namespace interlink::daemon {

bool OncePerSource::MayLog(const std::string& network,
                           federation::SteadyTime now) {
  const auto found = quiet_until_.find(network);
  if (found != quiet_until_.end() && now < found->second) return false;
  if (quiet_until_.size() >= kMaxSources) {
    std::erase_if(quiet_until_,
                  [now](const auto& entry) { return entry.second <= now; });
    if (quiet_until_.size() >= kMaxSources) return false;
  }
  quiet_until_[network] = now + kQuiet;
  return true;
}

}  // namespace interlink::daemon
