#include "daemon/environment.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <regex>
#include <string_view>

namespace interlink::daemon {
namespace {

constexpr std::string_view kPrefix = "INTERLINK_";
// So many letters may be wrong in a word that was meant for another.
constexpr size_t kSlips = 3;

bool IsOfKubernetes(const std::string& name) {
  static const auto& pattern = *new std::regex(
      "INTERLINK_([A-Z0-9_]+_)?"
      "(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|"
      "PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");
  return std::regex_match(name, pattern);
}

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

std::string Resembled(const std::string& name,
                      const std::vector<std::string>& known) {
  const auto slips = [&name](const std::string& other) {
    return Distance(std::string_view(name).substr(kPrefix.size()),
                    std::string_view(other).substr(kPrefix.size()));
  };
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const auto& a, const auto& b) { return slips(a) < slips(b); });
  if (nearest == known.end()) return "";
  // Of a short word, that many letters would be most of it.
  const size_t most = std::min(kSlips, (nearest->size() - kPrefix.size()) / 3);
  return slips(*nearest) <= most ? *nearest : "";
}

}  // namespace

std::string VariableOf(const std::string& setting) {
  std::string name(kPrefix);
  for (const char c : setting) {
    name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::vector<UnknownVariable> UnknownVariables(
    const std::vector<std::string>& known) {
  std::vector<UnknownVariable> unknown;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string name(text.substr(0, text.find('=')));
    if (!name.starts_with(kPrefix) || IsOfKubernetes(name) ||
        std::count(known.begin(), known.end(), name) > 0) {
      continue;
    }
    unknown.push_back({name, Resembled(name, known)});
  }
  return unknown;
}

}  // namespace interlink::daemon
