#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// How often unlinked connections of each source have flooded this daemon of
// late, and which sources are refused for it.
//
// Remembers at most kMaxSources; a strike that does not fit is forgotten.
// Threading: one thread, or the caller's lock.
class SourceStrikes {
 public:
  static constexpr int kMost = 5;
  static constexpr std::chrono::seconds kWithin{60};
  static constexpr std::chrono::seconds kBan{60};
  static constexpr size_t kMaxSources = 4096;

  // One more from `network`.
  void Add(const std::string& network, federation::SteadyTime now);

  // Whether `network` has had kMost strikes within kWithin, less than kBan ago.
  bool IsBanned(const std::string& network, federation::SteadyTime now) const;

 private:
  struct Source {
    federation::SteadyTime counted_until;  // Since the first of its strikes.
    int strikes = 0;
    federation::SteadyTime banned_until;
  };

  std::map<std::string, Source> sources_;
  // Until then a look for sources to forget is in vain.
  federation::SteadyTime full_until_;
};

}  // namespace interlink::daemon
