#include "daemon/doctor/link_findings.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Row;

constexpr int64_t kClocksApart = 60;
// After a start, links need this long at most to be connected.
constexpr std::chrono::seconds kStartTime{30};

bool Is(const absl::Status& status, Reason reason) {
  return federation::ReasonOf(status) == reason;
}

// The sentence of "REASON: sentence".
std::string Sentence(const absl::Status& status) {
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  return colon == message.npos ? message : message.substr(colon + 2);
}

// Whether this is what the row's latest error is about.
bool Has(const Row& row, Reason reason) {
  return row.last_error_reason == federation::ReasonName(reason);
}

void JudgeState(const Row& row, Findings& findings) {
  const std::string trouble =
      row.last_error.empty() ? "" : ": " + row.last_error;
  switch (row.record.state()) {
    case store::v1::ROW_STATE_PENDING:
      return findings.Ok("state",
                         "its key was not entered yet; if it should have been, "
                         "the other administrator's `interlinkctl link` says "
                         "why not");
    case store::v1::ROW_STATE_LINKING:
      return findings.Warning("state",
                              "the key is still being tried" + trouble);
    case store::v1::ROW_STATE_FAILED:
      if (row.record.has_issued_key()) {
        return findings.Warning(
            "state", absl::StrCat("its key does not link any more", trouble,
                                  "; delete it, and generate another"));
      }
      return findings.Fault("state",
                            absl::StrCat("linking has failed", trouble,
                                         "; delete it, and ask for a new key"));
    default:
      return findings.Ok("state", "established");
  }
}

void JudgeUnreachable(const Row& row, const LinkFacts& facts,
                      Findings& findings) {
  if (facts.uptime < kStartTime && !row.last_answer) {
    return findings.Warning(
        "session",
        absl::StrCat(
            "not connected yet, ",
            std::chrono::floor<std::chrono::seconds>(facts.uptime).count(),
            " s after the start; examine it again in half a minute"));
  }
  findings.Fault(
      "session",
      (row.last_error.empty() ? "the other account has not answered yet"
                              : "not connected: " + row.last_error) +
          "; how far the way to it leads is examined below: begin "
          "with what fails first there");
}

void JudgeSession(const Row& row, const LinkFacts& facts, Findings& findings) {
  switch (row.health) {
    case federation::api::INTERLINK_HEALTH_CONNECTED:
      if (IsConnected(row) && Has(row, Reason::kPeerIdentityMismatch)) {
        return findings.Warning("session",
                                "somebody answers, but " + row.last_error);
      }
      if (IsConnected(row))
        return findings.Ok("session", "the other account answers");
      return findings.Warning("session",
                              "the connection has ended and is being made "
                              "again: " +
                                  row.last_error);
    case federation::api::INTERLINK_HEALTH_PAUSED:
      return findings.Warning(
          "session", row.record.paused()
                         ? "paused here: resume it to let calls over it again"
                         : "paused by the other account's administrator, who "
                           "alone can resume it");
    case federation::api::INTERLINK_HEALTH_ORPHANED:
      return findings.Fault(
          "session",
          "the other account knows nothing of this link, and was wiped or "
          "restored from an old copy: delete the link and link anew");
    default:
      JudgeUnreachable(row, facts, findings);
  }
}

// The call clock runs on from the peer's wall clock at its daemon's start.
void JudgeClocks(const LinkFacts& facts, Findings& findings) {
  if (!facts.peer_clock) {
    return findings.NotExamined("clocks",
                                "the other account has not told its own");
  }
  const int64_t here =
      std::chrono::floor<std::chrono::seconds>(facts.now.time_since_epoch())
          .count();
  const int64_t ahead = *facts.peer_clock - here;
  if (std::abs(ahead) <= kClocksApart) {
    return findings.Ok(
        "clocks", absl::StrCat(std::abs(ahead),
                               " s apart, by the clock "
                               "that the other account's daemon started with"));
  }
  findings.Warning(
      "clocks",
      absl::StrCat("the other account's daemon started by a clock that is ",
                   std::abs(ahead), " s ", ahead > 0 ? "ahead of" : "behind",
                   " this machine's. Connections fail if clocks are an hour "
                   "apart: have both set by a time service. If both are right "
                   "by now, this ends when that daemon is restarted"));
}

void JudgeAdmission(const Row& row, const LinkFacts& facts,
                    Findings& findings) {
  if (!IsConnected(row)) {
    return findings.NotExamined("admission",
                                "not known until the link is connected");
  }
  if (Has(row, Reason::kContactInvalid)) {
    findings.Fault("contact", row.last_error);
  } else if (!row.last_error.empty() &&
             !Has(row, Reason::kPeerIdentityMismatch)) {
    return findings.Warning("admission", row.last_error);
  }
  if (!row.record.peer().asks_for_call_tokens()) {
    return findings.Ok("admission",
                       "the other account lets in calls to what it shares");
  }
  if (facts.peer_clock) {
    return findings.Ok(
        "admission",
        "the other account asks for call tokens, and they can be made");
  }
  findings.Fault(
      "admission",
      "the other account asks for call tokens and has not told the key for "
      "them; pause and resume the link");
}

// How far a trial came: 0 for a name that is not known.
int StepsOf(const WayTrial::Outcome& trial) {
  if (trial.endpoints.empty()) return 0;
  if (!trial.connected) return 1;
  return trial.from_peer ? 3 : 2;
}

// How a finding about a way that does not lead to the peer is added.
using Failed = void (Findings::*)(std::string_view, std::string);

void JudgeTls(const WayTrial::Outcome& trial, bool is_linking, Failed failed,
              Findings& findings) {
  const bool is_somebody_else = Is(trial.status, Reason::kPeerIdentityMismatch);
  if (!trial.from_peer && !is_somebody_else) {
    return (findings.*failed)("tls", Sentence(trial.status));
  }
  findings.Ok("tls", "an Interlink daemon answers at " + trial.address);
  if (is_somebody_else) {
    return (findings.*failed)("pin", Sentence(trial.status));
  }
  findings.Ok("pin", "its certificate is the linked account's");
  if (Is(trial.status, Reason::kProtocolVersion)) {
    return (findings.*failed)("protocol", Sentence(trial.status));
  }
  findings.Ok("protocol", "the two versions understand each other");
  if (trial.status.ok()) {
    return findings.Ok("lookup", "the other account answers a test question");
  }
  if (is_linking && Is(trial.status, Reason::kLinkUnknown)) {
    return findings.Ok("lookup",
                       "it has not taken the key yet, which is tried "
                       "again by itself");
  }
  if (Is(trial.status, Reason::kLinkPaused)) {
    return findings.Warning("lookup", Sentence(trial.status));
  }
  (findings.*failed)("lookup", Sentence(trial.status));
}

std::string NamesOf(const HostLookup::Endpoints& endpoints) {
  std::string names;
  for (const auto& endpoint : endpoints) {
    if (!names.empty()) names += ", ";
    names += endpoint.address().to_string();
  }
  return names;
}

// Why none of the trial's addresses took a connection.
std::string WhyNotConnected(const WayTrial::Outcome& trial) {
  if (trial.dead_ends.size() == 1) return trial.dead_ends.front().why;
  std::string all;
  for (const WayTrial::DeadEnd& dead : trial.dead_ends) {
    absl::StrAppend(&all, all.empty() ? "" : ", ",
                    dead.endpoint.address().to_string(), ": ", dead.why);
  }
  return all;
}

// The addresses that took no connection beside one that did, each with the
// reason. What this machine has no way to may be well all the same.
std::string DeadBesideLiving(const WayTrial::Outcome& trial) {
  std::string all;
  for (const WayTrial::DeadEnd& dead : trial.dead_ends) {
    if (!trial.connected || dead.is_beyond_network) continue;
    absl::StrAppend(&all, all.empty() ? "" : ", ",
                    dead.endpoint.address().to_string(), " (", dead.why, ")");
  }
  return all;
}

void JudgeWay(const WayTrial::Outcome& trial, bool is_linking, Failed failed,
              Findings& findings) {
  if (trial.is_name_late) {
    return (findings.*failed)(
        "dns", "the DNS does not answer for " + trial.address +
                   " within 5 s: see /etc/resolv.conf and the name servers");
  }
  if (!trial.name_trouble.empty()) {
    return (findings.*failed)(
        "dns", absl::StrCat("the host name of ", trial.address,
                            " cannot be looked up now: ", trial.name_trouble,
                            "; see /etc/resolv.conf and the name servers"));
  }
  if (trial.endpoints.empty()) {
    return (findings.*failed)(
        "dns", absl::StrCat("the host name of ", trial.address,
                            " is not known to this machine: see `getent "
                            "hosts` and the DNS"));
  }
  findings.Ok("dns",
              absl::StrCat(trial.address, " is ", NamesOf(trial.endpoints)));
  if (!trial.connected) {
    (findings.*failed)(
        "tcp", absl::StrCat("no connection to ", trial.address, ": ",
                            WhyNotConnected(trial),
                            "; see that a daemon listens there, and the "
                            "firewalls between"));
    return;
  }
  findings.Ok("tcp", absl::StrCat("connected to ",
                                  trial.connected->address().to_string()));
  if (const std::string dead = DeadBesideLiving(trial); !dead.empty()) {
    findings.Warning(
        "tcp", absl::StrCat(trial.address, " is also ", dead,
                            ", which takes no connection; have that address "
                            "removed from the DNS, or the daemon listen there "
                            "and the firewalls let it through"));
  }
  JudgeTls(trial, is_linking, failed, findings);
}

// Whether the host of the trial's address is this machine, not a router before
// it: only an own address can be bound to.
bool IsOwnMachine(const WayTrial::Outcome& trial) {
  boost::asio::io_context context;
  return std::any_of(trial.endpoints.begin(), trial.endpoints.end(),
                     [&](const auto& endpoint) {
                       boost::asio::ip::udp::socket socket(context);
                       boost::system::error_code error;
                       const boost::asio::ip::udp::endpoint place(
                           endpoint.address(), 0);
                       socket.open(place.protocol(), error);
                       if (!error) socket.bind(place, error);
                       return !error;
                     });
}

}  // namespace

bool IsConnected(const Row& row) {
  return row.health == federation::api::INTERLINK_HEALTH_CONNECTED &&
         !row.next_try;
}

void JudgeRow(const Row& row, const LinkFacts& facts, Findings& findings) {
  JudgeState(row, findings);
  if (!row.Is(store::v1::ROW_STATE_ESTABLISHED)) return;
  JudgeSession(row, facts, findings);
  JudgeClocks(facts, findings);
  JudgeAdmission(row, facts, findings);
}

void JudgeWays(const Row& row, const std::vector<WayTrial::Outcome>& trials,
               Findings& findings) {
  // A peer that has connected to this daemon need not be reached by it.
  const bool is_needed = !IsConnected(row) &&
                         row.health != federation::api::INTERLINK_HEALTH_PAUSED;
  const bool is_linking = row.Is(store::v1::ROW_STATE_LINKING);
  const auto best = std::max_element(trials.begin(), trials.end(),
                                     [](const auto& one, const auto& other) {
                                       return StepsOf(one) < StepsOf(other);
                                     });
  for (auto trial = trials.begin(); trial != trials.end(); ++trial) {
    // One way is enough, so that another is only worth a warning.
    JudgeWay(*trial, is_linking,
             trial == best && is_needed ? &Findings::Fault : &Findings::Warning,
             findings);
  }
  if (IsConnected(row) && best != trials.end() && StepsOf(*best) < 3) {
    findings.Ok("way",
                "the link works over the connection that the other account "
                "made, though "
                "this daemon could not make one itself");
  }
}

void JudgeOwnAddress(const WayTrial::Outcome& trial, const std::string& bound,
                     Findings& findings) {
  const std::string told = "other accounts are told " + trial.address;
  const std::string port = bound.substr(bound.rfind(':') + 1);
  if (trial.is_name_late || !trial.name_trouble.empty()) {
    return findings.Warning(
        "listener",
        absl::StrCat(
            told, ", a name that cannot be looked up here now: ",
            trial.is_name_late ? "no answer within 5 s" : trial.name_trouble,
            "; see /etc/resolv.conf and the name servers, then "
            "examine it again"));
  }
  if (trial.endpoints.empty()) {
    return findings.Fault("listener",
                          told +
                              ", a name that is not known here; correct "
                              "--advertise or the DNS");
  }
  if (!trial.connected && IsOwnMachine(trial)) {
    return findings.Fault(
        "listener",
        absl::StrCat(told, ", which is this machine, and there: ",
                     WhyNotConnected(trial), "; the daemon listens at port ",
                     port, ": correct --advertise"));
  }
  if (!trial.connected) {
    return findings.Warning(
        "listener",
        absl::StrCat(told, ", which takes no connection from this machine: ",
                     WhyNotConnected(trial), "; the daemon listens at port ",
                     port,
                     ": see that connections are led there. If another machine "
                     "reaches it, all is well: some routers do not lead a "
                     "machine back to itself"));
  }
  if (trial.from_peer) {
    const std::string dead = DeadBesideLiving(trial);
    if (dead.empty()) {
      return findings.Ok("listener", "this daemon answers at " + trial.address);
    }
    return findings.Warning(
        "listener",
        absl::StrCat("this daemon answers at ", trial.address,
                     ", but not at another address of that name, ", dead,
                     "; it listens at ", bound,
                     ": correct the DNS or --federation-listen, unless other "
                     "machines reach it there"));
  }
  if (Is(trial.status, Reason::kPeerIdentityMismatch)) {
    return findings.Fault("listener",
                          told +
                              ", where another account's daemon answers; "
                              "correct --advertise, or where the port is "
                              "forwarded to");
  }
  findings.Warning("listener", told + ": " + Sentence(trial.status) +
                                   "; see what listens there");
}

}  // namespace interlink::daemon
