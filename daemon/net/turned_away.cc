#include "daemon/net/turned_away.h"

#include <spdlog/spdlog.h>

namespace interlink::daemon {

void TurnedAway::Add(const std::string& network) {
  ++count_;
  if (!log_.MayLog(network, loop_.Now())) return;
  spdlog::warn(
      "{} has too many connections: some that say nothing are closed or "
      "refused, among them some from {}",
      listener_, network);
}

}  // namespace interlink::daemon
