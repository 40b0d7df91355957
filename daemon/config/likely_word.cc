#include "daemon/config/likely_word.h"

#include <algorithm>
#include <numeric>

namespace interlink::daemon {
namespace {

// So many letters of a word may be wrong.
constexpr size_t kSlips = 3;

// Levenshtein's distance: letters to insert, leave out or replace.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
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

}  // namespace interlink::daemon
