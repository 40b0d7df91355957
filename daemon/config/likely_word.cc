#include "daemon/config/likely_word.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace interlink::daemon {
namespace {

// So many letters of a word may be wrong.
constexpr size_t kSlips = 3;

// Letters to insert, leave out, replace or swap with their neighbours: the
// distance of optimal string alignment.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last;
  std::vector<size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = last[j] + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, row[j] + 1, last[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
        row[j + 1] = std::min(row[j + 1], before_last[j - 1] + 1);
      }
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last.back();
}

bool IsPart(std::string_view word, std::string_view known) {
  constexpr size_t kLeast = 3;
  const auto is_in = [](std::string_view part, std::string_view whole) {
    return part.size() >= kLeast && whole.find(part) != whole.npos;
  };
  return is_in(word, known) || is_in(known, word);
}

}  // namespace

std::string LikelyWord(std::string_view word,
                       const std::vector<std::string>& known) {
  const auto nearest = std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return Distance(word, a) < Distance(word, b);
      });
  if (nearest == known.end()) return "";
  // In a short word, fewer: three letters would be most of it.
  const size_t most = std::min(kSlips, nearest->size() / 3);
  return Distance(word, *nearest) <= most ? *nearest : "";
}

std::string LikelyWordOrPart(std::string_view word,
                             const std::vector<std::string>& known) {
  if (std::string likely = LikelyWord(word, known); !likely.empty()) {
    return likely;
  }
  std::string found;
  for (const std::string& other : known) {
    if (!IsPart(word, other)) continue;
    if (!found.empty()) return "";
    found = other;
  }
  return found;
}

std::string AskIfMeant(const std::string& word) {
  return word.empty() ? "" : "; did you mean " + word + "?";
}

}  // namespace interlink::daemon
