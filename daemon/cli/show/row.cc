#include "daemon/cli/show/row.h"

#include <chrono>
#include <vector>

#include "daemon/cli/show/text.h"
#include "daemon/cli/show/when.h"

namespace interlink::cli {
namespace {

std::chrono::seconds Until(const google::protobuf::Timestamp& time, Time now) {
  return std::chrono::ceil<std::chrono::seconds>(ToTime(time) - now);
}

// For rows whose state or health does not say it.
std::string PauseInWords(const v1::Interlink& row) {
  return row.paused() ? ", paused" : "";
}

std::string PendingInWords(const v1::Interlink& row, Time now) {
  if (!row.has_key_expire_time()) return "waiting for its key";
  return "waiting, key expires in " +
         SpanLeftInWords(Until(row.key_expire_time(), now));
}

std::string RoundTripInWords(const v1::Interlink& row) {
  if (!row.has_round_trip()) return "";
  const int64_t milliseconds =
      row.round_trip().seconds() * 1000 + row.round_trip().nanos() / 1000000;
  if (milliseconds < 1) return ", less than 1 ms";
  return ", " + std::to_string(milliseconds) + " ms";
}

std::string HealthInWords(const v1::Interlink& row) {
  switch (row.health()) {
    case v1::INTERLINK_HEALTH_CONNECTED:
      // The session that made it green has ended: another is to be opened.
      if (row.has_next_try_time()) return "reconnecting";
      return "connected" + RoundTripInWords(row);
    case v1::INTERLINK_HEALTH_UNREACHABLE:
      return "not reachable";
    case v1::INTERLINK_HEALTH_ORPHANED:
      return "forgotten by the other account" + PauseInWords(row);
    case v1::INTERLINK_HEALTH_PAUSED:
      return row.paused() ? "paused" : "paused by the other account";
    default:
      return "linked";
  }
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += "; ";
    text += part;
  }
  return text;
}

// A change of state or health, in the words of the manual.
std::string EventInWords(const v1::Interlink& before, const v1::Interlink& row,
                         Time now) {
  const bool is_linked = row.state() == v1::INTERLINK_STATE_ESTABLISHED;
  if (is_linked && before.state() != v1::INTERLINK_STATE_ESTABLISHED) {
    return "linked with " + PeerInWords(row);
  }
  return StateInWords(row, now);
}

}  // namespace

std::string_view ColourWord(v1::Indicator indicator) {
  switch (indicator) {
    case v1::INDICATOR_GREEN:
      return "green";
    case v1::INDICATOR_AMBER:
      return "amber";
    case v1::INDICATOR_RED:
      return "red";
    default:
      return "grey";
  }
}

std::string Circle(v1::Indicator indicator, bool in_colour) {
  static constexpr size_t kLongestWord = 5;
  const std::string word =
      PadTo(std::string(ColourWord(indicator)), kLongestWord) + " ";
  if (!in_colour) return "● " + word;
  switch (indicator) {
    case v1::INDICATOR_GREEN:
      return "\x1b[32m●\x1b[0m " + word;
    case v1::INDICATOR_AMBER:
      return "\x1b[33m●\x1b[0m " + word;
    case v1::INDICATOR_RED:
      return "\x1b[31m●\x1b[0m " + word;
    default:
      return "\x1b[90m●\x1b[0m " + word;
  }
}

std::string StateInWords(const v1::Interlink& row, Time now) {
  switch (row.state()) {
    case v1::INTERLINK_STATE_PENDING:
      return PendingInWords(row, now) + PauseInWords(row);
    case v1::INTERLINK_STATE_LINKING:
      return "linking" + PauseInWords(row);
    case v1::INTERLINK_STATE_ESTABLISHED:
      return HealthInWords(row);
    case v1::INTERLINK_STATE_FAILED:
      return "failed";
    case v1::INTERLINK_STATE_REMOVED:
      return "removed";
    default:
      return "unknown";
  }
}

std::string TroubleInWords(const v1::Interlink& row, Time now) {
  std::vector<std::string> parts;
  if (row.has_last_error()) {
    const std::string reason = Clean(row.last_error().reason()) + ": ";
    const std::string message = Clean(row.last_error().message());
    const bool repeated = reason == ": " || message.starts_with(reason);
    parts.push_back(repeated ? message : reason + message);
  }
  if (row.has_next_try_time()) {
    parts.push_back("next try in " +
                    SpanLeftInWords(Until(row.next_try_time(), now)));
  }
  const bool is_silent = row.health() == v1::INTERLINK_HEALTH_UNREACHABLE;
  if (row.has_last_answer_time() && (is_silent || !parts.empty())) {
    parts.push_back("last answered " +
                    AgoInWords(ToTime(row.last_answer_time()), now));
  }
  return Joined(parts);
}

std::string PeerInWords(const v1::Interlink& row) {
  if (!row.peer_account_name().empty()) return Clean(row.peer_account_name());
  return row.peer_account_id().empty()
             ? "-"
             : Clean(row.peer_account_id()).substr(0, 8);
}

std::string RowInOneLine(const v1::Interlink& row, Time now, bool in_colour) {
  return Circle(row.indicator(), in_colour) + Clean(row.name()) + ": " +
         StateInWords(row, now);
}

std::string ChangeInWords(const v1::Interlink& before, const v1::Interlink& row,
                          Time now) {
  if (row.state() == v1::INTERLINK_STATE_REMOVED) return "removed";
  std::vector<std::string> parts;
  if (before.indicator() != row.indicator()) {
    parts.push_back(std::string(ColourWord(before.indicator())) + " → " +
                    std::string(ColourWord(row.indicator())) + ": " +
                    EventInWords(before, row, now));
  } else if (before.state() != row.state() || before.health() != row.health()) {
    parts.push_back(EventInWords(before, row, now));
  }
  const bool has_health = row.health() != v1::INTERLINK_HEALTH_UNSPECIFIED;
  if (!has_health && before.paused() != row.paused()) {
    parts.emplace_back(row.paused() ? "paused" : "no longer paused");
  }
  if (before.name() != row.name()) {
    parts.push_back("renamed from " + Clean(before.name()));
  }
  if (before.priority() != row.priority()) {
    parts.push_back("priority " + std::to_string(row.priority()));
  }
  if (before.dial_prefix() != row.dial_prefix()) {
    parts.push_back(row.dial_prefix().empty()
                        ? "no prefix"
                        : "prefix " + Clean(row.dial_prefix()));
  }
  if (before.manual_address() != row.manual_address()) {
    parts.push_back("address " + (row.manual_address().empty()
                                      ? std::string("none")
                                      : Clean(row.manual_address())));
  }
  const auto trouble = [](const v1::Interlink& of) {
    return of.last_error().reason() + of.last_error().message();
  };
  if (row.has_last_error() && trouble(before) != trouble(row)) {
    parts.push_back(TroubleInWords(row, now));
  }
  return Joined(parts);
}

}  // namespace interlink::cli
