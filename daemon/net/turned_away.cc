#include "daemon/net/turned_away.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace interlink::daemon {
namespace {

constexpr std::chrono::minutes kQuiet{10};
// Of more sources than this, those that come last are counted only.
constexpr size_t kMaxSources = 1024;

}  // namespace

void TurnedAway::Add(const std::string& network) {
  ++count_;
  const federation::SteadyTime now = loop_.Now();
  const auto found = quiet_until_.find(network);
  if (found != quiet_until_.end() && now < found->second) return;
  if (quiet_until_.size() >= kMaxSources) {
    std::erase_if(quiet_until_,
                  [now](const auto& entry) { return entry.second <= now; });
    if (quiet_until_.size() >= kMaxSources) return;
  }
  quiet_until_[network] = now + kQuiet;
  spdlog::warn(
      "{} has too many connections: those that say nothing are closed, the "
      "oldest first, among them some from {}",
      listener_, network);
}

}  // namespace interlink::daemon
