#pragma once

#include "daemon/http/pbx_counts.h"
#include "daemon/metrics/metrics_text.h"
#include "daemon/sip/sip_counters.h"
#include "federation/base/counters.h"

namespace interlink::daemon {

// What the PBX asked, at any of its doors, and what came of it.
void AddDoors(const federation::Counters& counters, MetricsText& text);
void AddPbxHttp(const PbxCounts& counts, MetricsText& text);
void AddSip(const SipCounters& sip, MetricsText& text);

}  // namespace interlink::daemon
