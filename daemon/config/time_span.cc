#include "daemon/config/time_span.h"

#include <charconv>
#include <utility>

namespace interlink {

std::optional<std::chrono::seconds> ParseTimeSpan(std::string_view text) {
  constexpr size_t kMostDigits = 7;
  using std::chrono::hours;
  constexpr std::pair<char, std::chrono::seconds> kUnits[] = {
      {'s', std::chrono::seconds(1)},
      {'m', std::chrono::minutes(1)},
      {'h', hours(1)},
      {'d', hours(24)},
      {'w', hours(7 * 24)}};
  if (text.empty() || text.size() > kMostDigits + 1) return std::nullopt;
  unsigned count = 0;
  const char* const unit = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), unit, count);
  if (error != std::errc() || end != unit) return std::nullopt;
  for (const auto& [letter, span] : kUnits) {
    if (*unit == letter) return count * span;
  }
  return std::nullopt;
}

}  // namespace interlink
