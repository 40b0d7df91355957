#pragma once

#include <initializer_list>
#include <string>

#include "daemon/metrics/metrics_text.h"
#include "daemon/rpc/rpc_counts.h"

namespace interlink::daemon {

// Adds the RPCs of `side`, "server" or "client", under the names that common
// dashboards for gRPC use. A method that was never called has a series of
// started_total alone.
void AddRpcs(const std::string& side,
             std::initializer_list<const RpcCounts*> all, MetricsText& text);

}  // namespace interlink::daemon
