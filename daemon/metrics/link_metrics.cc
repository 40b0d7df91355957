#include "daemon/metrics/link_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace interlink::daemon {
namespace {

using federation::Row;

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

const char* StateOf(const Row& row) {
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
      return "pending";
    case store::v1::ROW_STATE_LINKING:
      return "linking";
    case store::v1::ROW_STATE_ESTABLISHED:
      return "established";
    default:
      return "failed";
  }
}

const char* HealthOf(const Row& row) {
  switch (row.health) {
    case v1::INTERLINK_HEALTH_CONNECTED:
      return "connected";
    case v1::INTERLINK_HEALTH_PAUSED:
      return "paused";
    case v1::INTERLINK_HEALTH_ORPHANED:
      return "orphaned";
    default:
      return "unreachable";
  }
}

}  // namespace

LinkMetrics::Families::Families(MetricsText& text)
    : info(text.Gauges("interlink_link_info",
                       "Always 1 for an established link: its name here and "
                       "the id of the linked account.")),
      up(text.Gauges("interlink_link_up",
                     "Of established links that are not paused: 1 while the "
                     "peer answers, else 0.")),
      trouble(text.Gauges("interlink_link_trouble",
                          "1 for an established link while something is wrong, "
                          "by the reason that the list shows.")),
      round_trip(text.Gauges("interlink_link_round_trip_seconds",
                             "Time from question to answer, at the latest "
                             "answer.")),
      pong_age(text.Gauges("interlink_link_pong_age_seconds",
                           "Time since the peer has last answered; absent if "
                           "it has not since the start.")),
      mirrored(text.Gauges("interlink_link_mirrored_numbers",
                           "Numbers of the linked account held in memory.")),
      mirror_age(text.Gauges("interlink_link_mirror_age_seconds",
                             "Time since they were last known to be what the "
                             "linked account shares; 0: they are now; absent: "
                             "never since the start.")),
      calls(text.Counters("interlink_link_calls_total",
                          "Calls that came with a token of the link, let in or "
                          "refused.")) {}

LinkMetrics::LinkMetrics(federation::Account& account,
                         const federation::EventLoop& loop, MetricsText& text,
                         size_t most)
    : account_(account),
      loop_(loop),
      text_(text),
      most_(most),
      families_(text),
      by_state_(
          {{"pending", 0}, {"linking", 0}, {"established", 0}, {"failed", 0}}),
      by_health_({{"connected", 0},
                  {"unreachable", 0},
                  {"orphaned", 0},
                  {"paused", 0}}) {}

bool LinkMetrics::WriteSome() {
  const auto& rows = account_.interlinks().rows();
  auto row = rows.upper_bound(next_);  // No row has the id of zeros.
  for (size_t i = 0; i < kAtOnce && row != rows.end(); ++i, ++row) {
    Count(row->second);
    next_ = row->first;
  }
  if (row != rows.end()) return true;
  WriteSums();
  return false;
}

void LinkMetrics::Count(const Row& row) {
  ++by_state_[StateOf(row)];
  if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) return;
  ++by_health_[HealthOf(row)];
  if (++established_ <= most_) Write(row);
}

void LinkMetrics::Write(const Row& row) {
  const std::string id = row.id.ToHex();
  families_.info.Add(MetricsText::Braced({{"interlink_id", id},
                                          {"name", row.record.name()},
                                          {"account_id", row.peer().ToHex()}}),
                     1);
  if (!row.last_error_reason.empty()) {
    families_.trouble.Add(
        MetricsText::Braced(
            {{"interlink_id", id}, {"reason", row.last_error_reason}}),
        1);
  }
  const auto calls = account_.counters().calls_by_link.Of(row.id);
  for (const auto& [result, count] : {std::pair("admitted", calls.admitted),
                                      std::pair("refused", calls.refused)}) {
    families_.calls.Add(
        MetricsText::Braced({{"interlink_id", id}, {"result", result}}),
        static_cast<double>(count));
  }
  // A pause is no outage.
  if (row.health != v1::INTERLINK_HEALTH_PAUSED) {
    WriteLife(row, MetricsText::Braced({{"interlink_id", id}}));
  }
}

void LinkMetrics::WriteLife(const Row& row, const std::string& link) {
  families_.up.Add(link, row.health == v1::INTERLINK_HEALTH_CONNECTED ? 1 : 0);
  if (row.round_trip) families_.round_trip.Add(link, Seconds(*row.round_trip));
  if (row.last_answer) {
    // The clock may have been set back since.
    families_.pong_age.Add(
        link, std::max(0.0, Seconds(loop_.WallNow() - *row.last_answer)));
  }
  const auto extent = account_.mirrors().ExtentOf(row.id);
  families_.mirrored.Add(link, static_cast<double>(extent.entries));
  if (extent.in_step) {
    families_.mirror_age.Add(
        link, std::max(0.0, Seconds(loop_.Now() - *extent.in_step)));
  }
}

void LinkMetrics::WriteSums() {
  for (const auto& [state, count] : by_state_) {
    text_.Gauge("interlink_links", "Listed interlinks by state.",
                static_cast<double>(count), {{"state", state}});
  }
  for (const auto& [health, count] : by_health_) {
    text_.Gauge("interlink_links_by_health",
                "Established interlinks by health.", static_cast<double>(count),
                {{"health", health}});
  }
  text_.Gauge("interlink_links_without_series",
              "Established interlinks beyond the first 2000, by id: they are "
              "in the sums, but have no interlink_link_ series.",
              static_cast<double>(std::max(established_, most_) - most_));
}

}  // namespace interlink::daemon
