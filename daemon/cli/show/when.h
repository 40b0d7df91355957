#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/timestamp.pb.h"

// Times and spans as people read and type them.
namespace interlink::cli {

using Time = std::chrono::system_clock::time_point;

Time ToTime(const google::protobuf::Timestamp& timestamp);

// "14:03:12" on the day of `now`, else "2026-11-20 14:03:12"; in local time.
std::string ClockTime(Time time, Time now);

// The largest unit that fits: "3 s", "2 minutes", "5 hours", "6 days". A
// negative span, which two clocks can make, reads as "0 s".
std::string SpanInWords(std::chrono::seconds span);

// The same for a span that is still to pass, rounded to the nearest unit: seven
// days are "7 days" also a second later.
std::string SpanLeftInWords(std::chrono::seconds span);

// "2 minutes ago".
std::string AgoInWords(Time time, Time now);

// "since 14:03:12, 2 minutes ago".
std::string SinceInWords(Time time, Time now);

// How long a key shall live, as typed: "never" is 0 s; else as ParseTimeSpan()
// reads it. nullopt for anything else, and for a number that is 0 or has more
// than six digits: only the daemon knows the limits, but 0 would mean "never"
// to it.
std::optional<std::chrono::seconds> ParseKeyLife(std::string_view text);

}  // namespace interlink::cli
