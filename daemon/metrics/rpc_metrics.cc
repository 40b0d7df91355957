#include "daemon/metrics/rpc_metrics.h"

#include <array>

namespace interlink::daemon {
namespace {

// As gRPC's exporter for Go spells them, which dashboards follow.
constexpr std::array<const char*, RpcCounts::kCodes> kCodes = {
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated"};

struct Families {
  Families(const std::string& prefix, const std::string& place,
           MetricsText& text)
      : started(text.Counters(prefix + "started_total",
                              "RPCs that began " + place + ".")),
        handled(text.Counters(prefix + "handled_total",
                              "RPCs that ended " + place + ", by code.")),
        received(text.Counters(prefix + "msg_received_total",
                               "Messages of RPCs received " + place + ".")),
        sent(text.Counters(prefix + "msg_sent_total",
                           "Messages of RPCs sent " + place + ".")),
        times(text.Histograms(
            prefix + "handling_seconds",
            "Time from the beginning of an RPC to its end " + place + ".")) {}

  void Add(const RpcCounts::Methods::value_type& entry);

  MetricsText::Family& started;
  MetricsText::Family& handled;
  MetricsText::Family& received;
  MetricsText::Family& sent;
  MetricsText::Family& times;
};

void Families::Add(const RpcCounts::Methods::value_type& entry) {
  const auto& [name, method] = entry;
  const MetricsText::Labels labels = {
      {"grpc_type", method.type},
      {"grpc_service", std::string(name.first)},
      {"grpc_method", std::string(name.second)}};
  const std::string braced = MetricsText::Braced(labels);
  started.Add(braced, static_cast<double>(method.started));
  if (method.started == 0) return;
  received.Add(braced, static_cast<double>(method.received));
  sent.Add(braced, static_cast<double>(method.sent));
  times.AddTimes(labels, method.times);
  for (size_t code = 0; code < kCodes.size(); ++code) {
    // OK is there from the beginning, so that its first increase is seen.
    if (code != 0 && method.handled[code] == 0) continue;
    MetricsText::Labels ended = labels;
    ended.emplace_back("grpc_code", kCodes[code]);
    handled.Add(MetricsText::Braced(ended),
                static_cast<double>(method.handled[code]));
  }
}

}  // namespace

void AddRpcs(const std::string& side,
             std::initializer_list<const RpcCounts*> all, MetricsText& text) {
  Families families(
      "grpc_" + side + "_",
      side == "server" ? "at this daemon" : "at other accounts' daemons", text);
  for (const RpcCounts* counts : all) {
    for (const auto& method : counts->methods()) families.Add(method);
  }
}

}  // namespace interlink::daemon
