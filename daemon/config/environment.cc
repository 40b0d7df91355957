#include "daemon/config/environment.h"

#include <unistd.h>

#include <algorithm>
#include <regex>
#include <string_view>

#include "daemon/config/likely_word.h"

namespace interlink::daemon {
namespace {

constexpr std::string_view kPrefix = "INTERLINK_";

bool IsOfKubernetes(const std::string& name) {
  static const auto& pattern = *new std::regex(
      "INTERLINK_([A-Z0-9_]+_)?"
      "(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|"
      "PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");
  return std::regex_match(name, pattern);
}

std::string Resembled(const std::string& name,
                      const std::vector<std::string>& known) {
  std::vector<std::string> words;
  for (const std::string& other : known) {
    words.push_back(other.substr(kPrefix.size()));
  }
  const std::string word = LikelyWord(name.substr(kPrefix.size()), words);
  return word.empty() ? "" : std::string(kPrefix) + word;
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
