#include "daemon/metrics.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/metrics/door_metrics.h"
#include "daemon/metrics/link_metrics.h"
#include "daemon/metrics/metrics_text.h"
#include "daemon/metrics/rpc_metrics.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

using federation::Counters;

double Seconds(federation::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void AddCalls(const federation::Counters& counters, MetricsText& text) {
  const std::string calls = "interlink_calls_total";
  const std::string help =
      "Calls that came in, by what was decided. An admitted call counts once "
      "if all questions about it bring the token and its call_id; of "
      "admitted_openly, which has no token, and of refusals each question "
      "counts.";
  text.Counter(calls, help, counters.calls_admitted, {{"result", "admitted"}});
  text.Counter(calls, help, counters.calls_admitted_openly,
               {{"result", "admitted_openly"}});
  text.Counter(calls, help, counters.calls_refused_invalid,
               {{"result", "invalid"}});
  text.Counter(calls, help, counters.calls_refused_expired,
               {{"result", "expired"}});
  text.Counter(calls, help, counters.calls_refused_used, {{"result", "used"}});
  text.Counter(calls, help, counters.calls_refused_limited,
               {{"result", "rate_limited"}});
  text.Counter(calls, help, counters.calls_refused_not_shared,
               {{"result", "not_shared"}});
}

void AddReconnects(const Counters& counters, MetricsText& text) {
  const auto add = [&text](std::string_view reason, uint64_t count) {
    text.Counter("interlink_reconnects_total",
                 "Sessions that broke or could not be made, by reason.", count,
                 {{"reason", std::string(reason)}});
  };
  add("OTHER", counters.reconnects[federation::kReasonCount]);
  for (size_t i = 0; i < federation::kReasonCount; ++i) {
    const auto reason = static_cast<federation::Reason>(i);
    // Most never occur. The usual one is there from the beginning, so that its
    // first increase is seen.
    const bool is_usual = reason == federation::Reason::kPeerUnreachable;
    const uint64_t count = counters.reconnects[i];
    if (count > 0 || is_usual) add(ReasonName(reason), count);
  }
}

void AddCounters(const Counters& counters, MetricsText& text) {
  text.Counter("interlink_keys_generated_total", "Authorization keys made.",
               counters.keys_generated);
  const std::string handshakes = "interlink_handshakes_total";
  const std::string handshakes_help = "Links made, and redemptions refused.";
  text.Counter(handshakes, handshakes_help, counters.links_made_as_issuer,
               {{"role", "issuer"}, {"result", "linked"}});
  text.Counter(handshakes, handshakes_help, counters.redeems_refused,
               {{"role", "issuer"}, {"result", "refused"}});
  text.Counter(handshakes, handshakes_help, counters.links_made_as_redeemer,
               {{"role", "redeemer"}, {"result", "linked"}});
  text.Counter("interlink_redeem_tries_total",
               "Calls made to redeem a key that was entered here.",
               counters.redeem_tries);
  const std::string lookups = "interlink_peer_lookups_total";
  const std::string lookups_help =
      "Lookups of a number that peers asked of this account.";
  text.Counter(lookups, lookups_help, counters.lookups_found,
               {{"result", "found"}});
  text.Counter(lookups, lookups_help, counters.lookups_missed,
               {{"result", "missed"}});
  text.Counter(lookups, lookups_help, counters.lookups_refused,
               {{"result", "refused"}});
  text.Counter("interlink_pings_received_total",
               "Empty lookups that peers made.", counters.pings_received);
  text.Counter("interlink_pings_answered_total",
               "Pings that peers have answered.", counters.pings_answered);
  AddCalls(counters, text);
  const std::string removals = "interlink_removals_total";
  const std::string removals_help = "Deletions, by who made them.";
  text.Counter(removals, removals_help, counters.removals_made,
               {{"by", "administrator"}});
  text.Counter(removals, removals_help, counters.removals_received,
               {{"by", "peer"}});
  text.Counter("interlink_removal_tries_total",
               "Calls made to tell a peer of a deletion.",
               counters.removal_tries);
  text.Counter("interlink_removals_delivered_total",
               "Deletions that the peer has confirmed.",
               counters.removals_delivered);
  AddReconnects(counters, text);
}

void AddStore(const MetricSources& sources, MetricsText& text) {
  text.Gauge("interlink_store_failed",
             "1 while the store takes no changes, as on a full disk.",
             sources.store.takes_changes() ? 0 : 1);
  text.Counter("interlink_store_failures_total",
               "How often the store has ceased to take changes.",
               sources.store.failures());
  text.Gauge(
      "interlink_store_waiting_seconds",
      "How long the oldest change that is not on the disk yet has waited; "
      "0 if there is none.",
      std::chrono::duration<double>(sources.store.waited()).count());
  text.Histograms("interlink_store_commit_seconds",
                  "Time until a change was on the disk.")
      .AddTimes({}, sources.commit_times);
  text.Histograms("interlink_loop_lag_seconds",
                  "By how much the daemon's loop missed the time of a task, "
                  "once a second.")
      .AddTimes({}, sources.loop_lags);
}

void AddAccount(const MetricSources& sources, MetricsText& text) {
  auto& account = sources.account;
  text.Gauge("interlink_numbers", "Internal numbers of this account.",
             static_cast<double>(account.numbers().size()));
  text.Gauge("interlink_replication_outbox",
             "Deletions that their peers have not confirmed.",
             static_cast<double>(account.outbox().undelivered()));
  const auto oldest = account.outbox().oldest_undelivered();
  const auto age = oldest ? sources.loop.WallNow() - *oldest
                          : federation::WallTime::duration::zero();
  text.Gauge("interlink_replication_outbox_oldest_seconds",
             "Age of the oldest of them; 0 if there are none.",
             std::max(0.0, std::chrono::duration<double>(age).count()));
  text.Gauge("interlink_restored_timestamp_seconds",
             "When the store was last found to be an older copy; 0: never.",
             static_cast<double>(
                 account.generation().record().restore_time().seconds()));
  text.Gauge("interlink_sessions", "Links that have a session.",
             static_cast<double>(account.sessions().open()));
  text.Gauge("interlink_sessions_pending",
             "Session streams that are no link's session, or no more.",
             static_cast<double>(account.sessions().pending()));
  const auto& mirrors = account.mirrors();
  text.Gauge("interlink_mirrored_numbers",
             "Numbers of linked accounts held in memory.",
             static_cast<double>(mirrors.size()));
  text.Gauge("interlink_mirrors_in_step",
             "Links whose directory is known as it is now.",
             static_cast<double>(mirrors.in_step()));
  text.Gauge("interlink_conflicting_numbers",
             "Numbers that more than one linked account shares.",
             static_cast<double>(mirrors.shared()));
}

void AddConnections(const MetricSources& sources, MetricsText& text) {
  text.Gauge("interlink_peer_connections", "Open federation connections.",
             sources.peers.open_connections());
  const auto add = [&text](const char* door, const char* reason,
                           uint64_t count) {
    text.Counter("interlink_connections_refused_total",
                 "Connections refused or broken off, by door and reason.",
                 count, {{"door", door}, {"reason", reason}});
  };
  const PeerListener& peers = sources.peers;
  add("federation", "too_many", peers.refused_connections());
  add("federation", "no_link_spoke", peers.unlinked_timeouts());
  add("federation", "flood", peers.flooding_connections());
  add("api", "too_many", sources.api_turned_away);
  add("http", "too_many", sources.http_turned_away);
  if (sources.pbx_http != nullptr) {
    add("pbx_http", "too_many", sources.pbx_http->turned_away());
    add("pbx_http", "stranger", sources.pbx_http->counts().strangers());
  }
  if (sources.sip != nullptr) {
    add("sip", "too_many", sources.sip->turned_away());
  }
}

void AddFixed(const MetricSources& sources, MetricsText& text) {
  text.Gauge("interlink_build_info", "Always 1; the version is the label.", 1,
             {{"version", INTERLINK_VERSION}});
  text.Gauge("interlink_start_time_seconds",
             "When the daemon started, since 1970.", Seconds(sources.start));
  text.Gauge("interlink_certificate_expiry_timestamp_seconds",
             "When the certificate shown to peers ends, since 1970.",
             Seconds(sources.tls.current()->leaf.not_after));
  text.Gauge("interlink_reload_refused",
             "1 while the settings in force are older ones, because the latest "
             "reload was refused.",
             sources.is_reload_refused ? 1 : 0);
  AddStore(sources, text);
  AddAccount(sources, text);
  AddCounters(sources.account.counters(), text);
  AddConnections(sources, text);
  AddRpcs("server", {&sources.api_calls, &sources.peer_calls}, text);
  AddRpcs("client", {&sources.calls_to_peers}, text);
  AddDoors(sources.account.counters(), text);
  if (sources.pbx_http != nullptr) AddPbxHttp(sources.pbx_http->counts(), text);
  if (sources.sip != nullptr) AddSip(sources.sip->counters(), text);
  text.Counter("interlink_log_lines_dropped_total",
               "Log lines that standard error did not take.",
               sources.log_lines_dropped);
}

// One page that is being written.
struct Scrape {
  Scrape(const MetricSources& sources, TakeMetrics take_text)
      : loop(sources.loop),
        links(sources.account, sources.loop, text),
        take(std::move(take_text)) {}

  federation::EventLoop& loop;
  MetricsText text;
  LinkMetrics links;
  TakeMetrics take;
};

void Continue(std::shared_ptr<Scrape> scrape) {
  if (!scrape->links.WriteSome()) {
    scrape->take(scrape->text.Text());
    return;
  }
  auto& loop = scrape->loop;
  loop.Post([scrape = std::move(scrape)] { Continue(scrape); });
}

}  // namespace

void WriteMetrics(const MetricSources& sources, TakeMetrics take) {
  auto scrape = std::make_shared<Scrape>(sources, std::move(take));
  AddFixed(sources, scrape->text);
  Continue(std::move(scrape));
}

}  // namespace interlink::daemon
