#pragma once

#include <cstdint>
#include <string>

#include "daemon/peer/accept/peer_listener.h"
#include "daemon/system/store_keeper.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"

namespace interlink::daemon {

// Where /metrics gets its figures.
struct MetricSources {
  federation::Account& account;
  const federation::EventLoop& loop;
  const TlsIdentity& tls;
  const PeerListener& peers;
  const StoreKeeper& store;
  uint64_t api_turned_away;
  uint64_t http_turned_away;
  uint64_t log_lines_dropped;
  federation::WallTime start;
};

// The Prometheus text format, version 0.0.4. Every established link that is not
// paused has a sample, up or down: so a link that is down differs from one that
// is gone, and from one that is paused. Links beyond the first 10 000 have no
// samples.
//
// Threading: loop only.
std::string MetricsText(const MetricSources& sources);

}  // namespace interlink::daemon
