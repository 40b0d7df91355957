#include "daemon/metrics/door_metrics.h"

#include <string>
#include <utility>
#include <vector>

namespace interlink::daemon {
namespace {

void AddDoor(const char* name, const federation::DoorCounts& door,
             MetricsText& text) {
  using federation::DoorCounts;
  for (size_t i = 0; i < DoorCounts::kLookups.size(); ++i) {
    text.Counter("interlink_lookups_total",
                 "Numbers that the PBX asked for, by door, who knew the "
                 "number, and the outcome.",
                 door.lookups(i),
                 {{"door", name},
                  {"source", DoorCounts::kLookups[i].source},
                  {"outcome", DoorCounts::kLookups[i].outcome}});
  }
  for (size_t i = 0; i < DoorCounts::kCalls.size(); ++i) {
    text.Counter("interlink_admissions_total",
                 "Questions of the PBX about calls that came in, by door, what "
                 "let the call in (a link's token, the number), and the "
                 "outcome.",
                 door.calls(i),
                 {{"door", name},
                  {"source", DoorCounts::kCalls[i].source},
                  {"outcome", DoorCounts::kCalls[i].outcome}});
  }
  text.Histograms("interlink_lookup_seconds",
                  "Time from the PBX's question for a number to the answer.")
      .AddTimes({{"door", name}}, door.lookup_times());
  text.Histograms("interlink_admission_seconds",
                  "Time from the PBX's question about a call to the answer.")
      .AddTimes({{"door", name}}, door.call_times());
}

}  // namespace

void AddDoors(const federation::Counters& counters, MetricsText& text) {
  AddDoor("grpc", counters.at_grpc, text);
  AddDoor("http", counters.at_http, text);
  AddDoor("sip", counters.at_sip, text);
}

void AddPbxHttp(const PbxCounts& counts, MetricsText& text) {
  for (size_t i = 0; i < PbxCounts::kPages.size(); ++i) {
    for (size_t j = 0; j < PbxCounts::kStatuses.size(); ++j) {
      text.Counter("interlink_pbx_http_requests_total",
                   "Requests to --pbx-http-listen by page and status.",
                   counts.requests(i, j),
                   {{"page", PbxCounts::kPages[i]},
                    {"status", std::to_string(PbxCounts::kStatuses[j])}});
    }
  }
  std::vector<uint64_t> buckets;
  for (size_t i = 0; i <= PbxCounts::kBounds.size(); ++i) {
    buckets.push_back(counts.bucket(i));
  }
  text.Histograms("interlink_pbx_http_seconds",
                  "Time from a request to --pbx-http-listen to its answer, "
                  "without what was refused at the door.")
      .AddBuckets({}, PbxCounts::kBounds, buckets, counts.seconds());
}

void AddSip(const SipCounters& sip, MetricsText& text) {
  const std::pair<const char*, const SipCounters::Count&> answers[] = {
      {"ok", sip.answered_ok},
      {"local", sip.redirected_locally},
      {"peer", sip.redirected_to_peers},
      {"admitted", sip.admitted},
      {"refused", sip.refused},
      {"not_found", sip.not_found},
      {"unavailable", sip.unavailable},
      {"cancelled", sip.cancelled},
      {"unsupported", sip.refused_otherwise},
      {"malformed", sip.malformed},
      {"not_allowed", sip.not_allowed}};
  for (const auto& [result, count] : answers) {
    text.Counter("interlink_sip_requests_total",
                 "SIP requests by what became of them; not_allowed: from "
                 "sources that --sip-allow does not have.",
                 count, {{"result", result}});
  }
  text.Counter("interlink_sip_requests_repeated_total",
               "SIP requests that came again, and got the same answer.",
               sip.repeated);
}

}  // namespace interlink::daemon
