#include "daemon/cli/show/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace interlink::cli {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;  // 0: not valid UTF-8.
};

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The first code point of text that is not empty. Overlong forms, surrogates
// and values beyond U+10FFFF are not valid (RFC 3629).
CodePoint FirstOf(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  uint32_t value = lead & (0x7FU >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if (!IsContinuation(text[i])) return {};
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  static constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800,
                                                     0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) return {};
  return {value, bytes};
}

bool IsControl(uint32_t value) {
  return value < 0x20 || (value >= 0x7F && value <= 0x9F) || value == 0x200E ||
         value == 0x200F ||                       // Direction marks,
         (value >= 0x2028 && value <= 0x202E) ||  // line ends, overrides
         (value >= 0x2066 && value <= 0x2069);    // and isolates.
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = FirstOf(text);
    if (point.bytes == 0) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

std::string Clean(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const CodePoint point = FirstOf(text);
    if (point.value == '\n' || point.value == '\t') {
      clean += ' ';
    } else if (point.bytes > 0 && !IsControl(point.value)) {
      clean += text.substr(0, point.bytes);
    }
    text.remove_prefix(std::max<size_t>(point.bytes, 1));
  }
  return clean;
}

std::string WithoutKeys(std::string_view text) {
  static constexpr std::string_view kPrefix = "ilk1_";
  static constexpr std::string_view kKeyCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string safe;
  while (true) {
    const size_t begin = text.find(kPrefix);
    if (begin == std::string_view::npos) return safe += text;
    safe += text.substr(0, begin + kPrefix.size());
    text.remove_prefix(begin + kPrefix.size());
    const size_t end = text.find_first_not_of(kKeyCharacters);
    const size_t size = std::min(end, text.size());
    if (size > 0) safe += "...";
    text.remove_prefix(size);
  }
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(),
                    [](char byte) { return !IsContinuation(byte); }));
}

std::string PadTo(std::string text, size_t width) {
  const size_t now = Width(text);
  if (now < width) text.append(width - now, ' ');
  return text;
}

std::string_view Trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Count(long long count, std::string_view noun) {
  std::string words = std::to_string(count) + " " + std::string(noun);
  if (count != 1) words += "s";
  return words;
}

}  // namespace interlink::cli
