#include "daemon/peer/accept/source_strikes.h"

#include <algorithm>

namespace interlink::daemon {

void SourceStrikes::Add(const std::string& network,
                        federation::SteadyTime now) {
  if (sources_.size() >= kMaxSources && !sources_.contains(network)) {
    if (now < full_until_) return;
    full_until_ = now + kBan;
    std::erase_if(sources_, [&](const auto& entry) {
      const auto until =
          std::max(entry.second.counted_until, entry.second.banned_until);
      if (until > now) full_until_ = std::min(full_until_, until);
      return until <= now;
    });
    if (sources_.size() >= kMaxSources) return;
  }
  Source& source = sources_[network];
  if (source.counted_until <= now) {
    source.counted_until = now + kWithin;
    source.strikes = 0;
  }
  if (++source.strikes >= kMost) source.banned_until = now + kBan;
}

bool SourceStrikes::IsBanned(const std::string& network,
                             federation::SteadyTime now) const {
  const auto found = sources_.find(network);
  return found != sources_.end() && now < found->second.banned_until;
}

}  // namespace interlink::daemon
