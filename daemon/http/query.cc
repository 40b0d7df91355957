#include "daemon/http/query.h"

#include <algorithm>

#include "federation/base/names.h"
#include "federation/base/reason.h"

namespace interlink::daemon {
namespace {

absl::Status Bad(const std::string& sentence) {
  return Refusal(federation::Reason::kRequestInvalid, sentence);
}

// -1 for what is no digit.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// nullopt for a percent sign without two hexadecimal digits.
std::optional<std::string> Unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return plain;
}

bool IsPlainText(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
  return !has_control && federation::IsUtf8(text);
}

}  // namespace

absl::StatusOr<Query> Query::Parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty()) continue;
    const size_t equals = std::min(part.find('='), part.size());
    auto name = Unescaped(part.substr(0, equals));
    auto value = Unescaped(part.substr(std::min(equals + 1, part.size())));
    if (!name || !value) {
      return Bad("a % in the query is not followed by two hexadecimal digits");
    }
    if (!IsPlainText(*name) || !IsPlainText(*value)) {
      return Bad("the query is not UTF-8, or has control characters");
    }
    if (query.Find(*name)) {
      return Bad("the query has a parameter twice");
    }
    if (query.parameters_.size() == kMostParameters) {
      return Bad("the query has more than 16 parameters");
    }
    query.parameters_.emplace_back(*std::move(name), *std::move(value));
  }
  return query;
}

std::optional<std::string_view> Query::Find(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace interlink::daemon
