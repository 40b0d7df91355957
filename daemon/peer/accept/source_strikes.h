#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "federation/base/event_loop.h"

namespace interlink::daemon {

// How often strangers of each source have flooded this daemon of late, and
// which sources are refused for it.
//
// Remembers at most kMaxSources; what does not fit is not held against its
// source. Threading: one thread, or the caller's lock.
class SourceStrikes {
 public:
  static constexpr int kMost = 5;
  static constexpr std::chrono::seconds kWithin{60};
  static constexpr std::chrono::seconds kBan{60};
  static constexpr std::chrono::minutes kQuiet{10};
  static constexpr size_t kMaxSources = 4096;

  // One more from `network`.
  void Add(const std::string& network, federation::SteadyTime now);

  // Whether `network` has had kMost strikes within kWithin, less than kBan ago.
  bool IsBanned(const std::string& network, federation::SteadyTime now) const;

  // Whether the administrator is to be told what `network` does: once in kQuiet
  // for each source. The caller tells.
  bool MayTell(const std::string& network, federation::SteadyTime now);

 private:
  struct Source {
    federation::SteadyTime counted_until;  // Since the first of its strikes.
    int strikes = 0;
    federation::SteadyTime banned_until;
    federation::SteadyTime quiet_until;
  };

  // nullptr if there is no room for another.
  Source* Find(const std::string& network, federation::SteadyTime now);

  std::map<std::string, Source> sources_;
};

}  // namespace interlink::daemon
