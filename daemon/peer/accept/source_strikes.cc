#include "daemon/peer/accept/source_strikes.h"

#include <algorithm>

namespace interlink::daemon {

void SourceStrikes::Add(const std::string& network,
                        federation::SteadyTime now) {
  if (sources_.size() >= kMaxSources && !sources_.contains(network)) {
    std::erase_if(sources_, [now](const auto& entry) {
      const Source& source = entry.second;
      return std::max(source.counted_until, source.banned_until) <= now;
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
