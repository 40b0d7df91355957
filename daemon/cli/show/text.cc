#include "daemon/cli/show/text.h"

#include <utf8proc.h>

#include <algorithm>

namespace interlink::cli {
namespace {

struct CodePoint {
  utf8proc_int32_t value = 0;
  size_t bytes = 0;  // 0: not valid UTF-8.
};

// The first code point of text that is not empty.
CodePoint FirstOf(std::string_view text) {
  CodePoint point;
  const auto bytes = utf8proc_iterate(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &point.value);
  point.bytes = bytes > 0 ? static_cast<size_t>(bytes) : 0;
  return point;
}

bool IsControl(utf8proc_int32_t value) {
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
  int columns = 0;
  while (!text.empty()) {
    const CodePoint point = FirstOf(text);
    columns += utf8proc_charwidth(point.value);
    text.remove_prefix(std::max<size_t>(point.bytes, 1));
  }
  return static_cast<size_t>(columns);
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
