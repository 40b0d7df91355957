#include "daemon/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace interlink::daemon {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr size_t kMaxLinkSamples = 10'000;

class Page {
 public:
  void Gauge(const std::string& name, const std::string& help, double value,
             Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    Family(name, help, MetricType::Gauge).metric.push_back(std::move(metric));
  }
  void Counter(const std::string& name, const std::string& help, uint64_t value,
               Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
    Family(name, help, MetricType::Counter).metric.push_back(std::move(metric));
  }
  std::string Text() const {
    return prometheus::TextSerializer().Serialize(families_);
  }

 private:
  MetricFamily& Family(const std::string& name, const std::string& help,
                       MetricType type) {
    for (MetricFamily& family : families_) {
      if (family.name == name) return family;
    }
    families_.push_back({name, help, type, {}});
    return families_.back();
  }

  std::vector<MetricFamily> families_;
};

double Seconds(federation::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// A key that nobody has entered yet, and a pause, are no outage.
bool IsMeantToBeUp(const federation::Row& row) {
  return row.Is(store::v1::ROW_STATE_ESTABLISHED) &&
         row.health != v1::INTERLINK_HEALTH_PAUSED;
}

void AddLinks(federation::Account& account, Page& page) {
  std::map<std::string, int> by_state = {
      {"pending", 0}, {"linking", 0}, {"established", 0}, {"failed", 0}};
  size_t samples = 0;
  for (const auto& [id, row] : account.interlinks().rows()) {
    switch (row.record.state()) {
      case store::v1::ROW_STATE_PENDING:
        ++by_state["pending"];
        break;
      case store::v1::ROW_STATE_LINKING:
        ++by_state["linking"];
        break;
      case store::v1::ROW_STATE_ESTABLISHED:
        ++by_state["established"];
        break;
      default:
        ++by_state["failed"];
        break;
    }
    if (!IsMeantToBeUp(row) || ++samples > kMaxLinkSamples) continue;
    const Labels link = {{"interlink_id", id.ToHex()}};
    page.Gauge("interlink_link_up",
               "Of established links that are not paused: 1 while the peer "
               "answers, else 0.",
               row.health == v1::INTERLINK_HEALTH_CONNECTED ? 1 : 0, link);
    if (row.round_trip) {
      page.Gauge("interlink_link_round_trip_seconds",
                 "Time from question to answer, at the latest answer.",
                 std::chrono::duration<double>(*row.round_trip).count(), link);
    }
  }
  for (const auto& [state, count] : by_state) {
    page.Gauge("interlink_links", "Listed interlinks by state.", count,
               {{"state", state}});
  }
}

void AddCounters(const federation::Counters& counters, Page& page) {
  page.Counter("interlink_keys_generated_total", "Authorization keys made.",
               counters.keys_generated);
  const std::string handshakes = "interlink_handshakes_total";
  const std::string handshakes_help = "Links made, and redemptions refused.";
  page.Counter(handshakes, handshakes_help, counters.links_made_as_issuer,
               {{"role", "issuer"}, {"result", "linked"}});
  page.Counter(handshakes, handshakes_help, counters.redeems_refused,
               {{"role", "issuer"}, {"result", "refused"}});
  page.Counter(handshakes, handshakes_help, counters.links_made_as_redeemer,
               {{"role", "redeemer"}, {"result", "linked"}});
  page.Counter("interlink_redeem_tries_total",
               "Calls made to redeem a key that was entered here.",
               counters.redeem_tries);
  const std::string lookups = "interlink_peer_lookups_total";
  const std::string lookups_help = "Lookups that peers asked of this account.";
  page.Counter(lookups, lookups_help, counters.lookups_found,
               {{"result", "found"}});
  page.Counter(lookups, lookups_help, counters.lookups_missed,
               {{"result", "missed"}});
  page.Counter(lookups, lookups_help, counters.lookups_refused,
               {{"result", "refused"}});
  page.Counter("interlink_pings_received_total",
               "Empty lookups that peers made.", counters.pings_received);
  const std::string pings = "interlink_pings_total";
  const std::string pings_help =
      "Pings to peers; failed: sessions that broke or could not be made.";
  page.Counter(pings, pings_help, counters.pings_answered,
               {{"result", "answered"}});
  page.Counter(pings, pings_help, counters.pings_failed,
               {{"result", "failed"}});
  const std::string resolves = "interlink_resolves_total";
  const std::string resolves_help = "Numbers resolved for the PBX.";
  page.Counter(resolves, resolves_help, counters.resolved_locally,
               {{"result", "local"}});
  page.Counter(resolves, resolves_help, counters.resolved_by_peers,
               {{"result", "peer"}});
  page.Counter(resolves, resolves_help, counters.resolved_nowhere,
               {{"result", "not_found"}});
  page.Counter(resolves, resolves_help, counters.resolved_incomplete,
               {{"result", "incomplete"}});
  page.Counter(resolves, resolves_help, counters.resolved_stale,
               {{"result", "stale"}});
  page.Counter(resolves, resolves_help, counters.resolved_never_remote,
               {{"result", "never_remote"}});
  page.Counter(resolves, resolves_help, counters.resolves_refused,
               {{"result", "refused"}});
  const std::string removals = "interlink_removals_total";
  const std::string removals_help = "Deletions, by who made them.";
  page.Counter(removals, removals_help, counters.removals_made,
               {{"by", "administrator"}});
  page.Counter(removals, removals_help, counters.removals_received,
               {{"by", "peer"}});
  page.Counter("interlink_removal_tries_total",
               "Calls made to tell a peer of a deletion.",
               counters.removal_tries);
  page.Counter("interlink_removals_delivered_total",
               "Deletions that the peer has confirmed.",
               counters.removals_delivered);
}

}  // namespace

std::string MetricsText(const MetricSources& sources) {
  Page page;
  page.Gauge("interlink_build_info", "Always 1; the version is the label.", 1,
             {{"version", INTERLINK_VERSION}});
  page.Gauge("interlink_start_time_seconds",
             "When the daemon started, since 1970.", Seconds(sources.start));
  page.Gauge("interlink_certificate_expiry_timestamp_seconds",
             "When the certificate shown to peers ends, since 1970.",
             Seconds(sources.tls.current()->leaf.not_after));
  page.Gauge("interlink_store_failed",
             "1 while the store takes no changes, as on a full disk.",
             sources.store.takes_changes() ? 0 : 1);
  page.Counter("interlink_store_failures_total",
               "How often the store has ceased to take changes.",
               sources.store.failures());
  page.Gauge("interlink_numbers", "Internal numbers of this account.",
             static_cast<double>(sources.account.numbers().size()));
  page.Gauge("interlink_replication_outbox",
             "Deletions that their peers have not confirmed.",
             static_cast<double>(sources.account.outbox().undelivered()));
  page.Gauge(
      "interlink_restored_timestamp_seconds",
      "When the store was last found to be an older copy; 0: never.",
      static_cast<double>(
          sources.account.generation().record().restore_time().seconds()));
  page.Gauge("interlink_sessions", "Links that have a session.",
             static_cast<double>(sources.account.sessions().open()));
  page.Gauge("interlink_sessions_pending",
             "Session streams that are no link's session, or no more.",
             static_cast<double>(sources.account.sessions().pending()));
  page.Gauge("interlink_mirrored_numbers",
             "Numbers of linked accounts held in memory.",
             static_cast<double>(sources.account.mirrors().size()));
  page.Gauge("interlink_mirrors_in_step",
             "Links whose directory is known as it is now.",
             static_cast<double>(sources.account.mirrors().in_step()));
  AddLinks(sources.account, page);
  AddCounters(sources.account.counters(), page);
  page.Gauge("interlink_peer_connections", "Open federation connections.",
             sources.peers.open_connections());
  page.Counter("interlink_peer_connections_refused_total",
               "Federation connections beyond a bound.",
               sources.peers.refused_connections());
  page.Counter("interlink_peer_connections_unlinked_total",
               "Federation connections closed because no link spoke on them.",
               sources.peers.unlinked_timeouts());
  page.Counter("interlink_peer_connections_flooding_total",
               "Federation connections broken off for what came over them.",
               sources.peers.flooding_connections());
  page.Counter("interlink_api_connections_refused_total",
               "Connections of --api-listen beyond a bound.",
               sources.api_turned_away);
  page.Counter("interlink_http_connections_refused_total",
               "Connections of --http-listen beyond a bound.",
               sources.http_turned_away);
  page.Counter("interlink_log_lines_dropped_total",
               "Log lines that standard error did not take.",
               sources.log_lines_dropped);
  return page.Text();
}

}  // namespace interlink::daemon
