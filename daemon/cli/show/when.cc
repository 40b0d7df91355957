#include "daemon/cli/show/when.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "daemon/cli/show/text.h"
#include "daemon/config/time_span.h"

namespace interlink::cli {
namespace {

std::tm LocalTime(Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  localtime_r(&seconds, &local);
  return local;
}

}  // namespace

Time ToTime(const google::protobuf::Timestamp& timestamp) {
  const auto since_epoch = std::chrono::seconds(timestamp.seconds()) +
                           std::chrono::nanoseconds(timestamp.nanos());
  return Time(std::chrono::duration_cast<Time::duration>(since_epoch));
}

std::string ClockTime(Time time, Time now) {
  const std::tm local = LocalTime(time);
  const std::tm today = LocalTime(now);
  const bool same_day =
      local.tm_yday == today.tm_yday && local.tm_year == today.tm_year;
  std::array<char, 64> text{};
  const size_t size =
      std::strftime(text.data(), text.size(),
                    same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &local);
  return std::string(text.data(), size);
}

std::string SpanInWords(std::chrono::seconds span) {
  const long long seconds = std::max<long long>(span.count(), 0);
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return Count(seconds / 60, "minute");
  if (seconds < 86400) return Count(seconds / 3600, "hour");
  return Count(seconds / 86400, "day");
}

std::string SpanLeftInWords(std::chrono::seconds span) {
  const auto half = [span](std::chrono::seconds unit) {
    return SpanInWords(span + unit / 2);
  };
  if (span < std::chrono::seconds(60)) return SpanInWords(span);
  // Adds half a unit, unless that would make it the next unit.
  if (span + std::chrono::seconds(30) < std::chrono::hours(1)) {
    return half(std::chrono::minutes(1));
  }
  if (span + std::chrono::minutes(30) < std::chrono::hours(24)) {
    return half(std::chrono::hours(1));
  }
  return half(std::chrono::hours(24));
}

std::string AgoInWords(Time time, Time now) {
  return SpanInWords(
             std::chrono::duration_cast<std::chrono::seconds>(now - time)) +
         " ago";
}

std::string SinceInWords(Time time, Time now) {
  return "since " + ClockTime(time, now) + ", " + AgoInWords(time, now);
}

std::optional<std::chrono::seconds> ParseKeyLife(std::string_view text) {
  if (text == "never") return std::chrono::seconds(0);
  constexpr size_t kMostBytes = 7;
  const auto span = ParseTimeSpan(text);
  const bool is_life = span && span->count() > 0 && text.size() <= kMostBytes;
  return is_life ? span : std::nullopt;
}

}  // namespace interlink::cli
