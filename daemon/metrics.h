#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "daemon/http/pbx_http_door.h"
#include "daemon/peer/accept/peer_listener.h"
#include "daemon/rpc/rpc_counts.h"
#include "daemon/sip/sip_listener.h"
#include "daemon/system/store_keeper.h"
#include "daemon/tls/tls_identity.h"
#include "federation/account.h"
#include "federation/base/durations.h"

namespace interlink::daemon {

// Where /metrics gets its figures.
struct MetricSources {
  federation::Account& account;
  federation::EventLoop& loop;
  const TlsIdentity& tls;
  const PeerListener& peers;
  const StoreKeeper& store;
  const federation::Durations& commit_times;
  const federation::Durations& loop_lags;
  const RpcCounts& api_calls;
  const RpcCounts& peer_calls;  // That peers make.
  const RpcCounts& calls_to_peers;
  uint64_t api_turned_away;
  uint64_t http_turned_away;
  const PbxHttpDoor* pbx_http;  // nullptr: off.
  const SipListener* sip;       // nullptr: off.
  uint64_t log_lines_dropped;
  bool is_reload_refused;
  federation::WallTime start;
};

using TakeMetrics = absl::AnyInvocable<void(std::string)>;

// Writes the page of /metrics: the Prometheus text format, version 0.0.4.
// `take` gets it, from within this call or later: the links are written a few
// at a time (LinkMetrics), so that a scrape does not hold the loop up.
//
// Every established link that is not paused has a sample of interlink_link_up:
// so a link that is down differs from one that is gone, and from one that is
// paused.
// Threading: loop only. Lifetime: the account and the loop must stay until
// then, or the loop must not run any more.
void WriteMetrics(const MetricSources& sources, TakeMetrics take);

}  // namespace interlink::daemon
