#include "federation/base/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr size_t kMaxNameCharacters = 64;
constexpr size_t kMaxSentenceCharacters = 512;

// Removes the first character from `text`; nullopt if it is not valid UTF-8.
std::optional<utf8proc_int32_t> TakeCharacter(std::string_view& text) {
  utf8proc_int32_t character = 0;
  const auto size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  if (size <= 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(size));
  return character;
}

// Characters that change how the text around them is shown.
bool IsControl(utf8proc_int32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         character == 0x061c || character == 0x2028 || character == 0x2029 ||
         character == 0x200e || character == 0x200f ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool IsSpace(utf8proc_int32_t character) {
  return character == ' ' ||
         utf8proc_category(character) == UTF8PROC_CATEGORY_ZS;
}

// Whether a character can be seen by itself. Spaces, joiners and accents
// cannot, nor can the letters and the Braille pattern that are drawn as
// nothing.
bool IsVisible(utf8proc_int32_t character) {
  constexpr utf8proc_int32_t kBrailleBlank = 0x2800;
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return !utf8proc_get_property(character)->ignorable &&
             character != kBrailleBlank;
  }
}

// Returns `text` without surrounding white space and with a single space for
// each run of spaces within; nullopt if it is not UTF-8 or has control
// characters. Reads at most one character more than `most`.
std::optional<std::string> WithSingleSpaces(std::string_view text,
                                            size_t most) {
  text = Trimmed(text);
  std::string single;
  bool is_after_space = true;
  size_t characters = 0;
  while (!text.empty() && characters <= most) {
    const std::string_view before = text;
    const auto character = TakeCharacter(text);
    if (!character || IsControl(*character)) return std::nullopt;
    const bool is_space = IsSpace(*character);
    if (is_space && is_after_space) continue;
    is_after_space = is_space;
    ++characters;
    single += is_space ? std::string_view(" ")
                       : before.substr(0, before.size() - text.size());
  }
  if (single.ends_with(' ')) single.pop_back();
  return single;
}

size_t CharactersIn(std::string_view text) {
  size_t characters = 0;
  while (!text.empty() && TakeCharacter(text)) ++characters;
  return characters;
}

bool ShowsSomething(std::string_view text) {
  while (!text.empty()) {
    const auto character = TakeCharacter(text);
    if (character && IsVisible(*character)) return true;
    if (!character) return false;
  }
  return false;
}

// Removes from a peer's text what would change how the text around it is shown.
std::string Shown(std::string said, size_t most) {
  // Most texts are plain.
  const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
  if (!said.empty() && said.size() <= most && is_plain(said.front()) &&
      is_plain(said.back()) &&
      std::all_of(said.begin(), said.end(),
                  [&](char c) { return c == ' ' || is_plain(c); })) {
    return said;
  }
  std::string_view text = said;
  std::string shown;
  size_t characters = 0;
  while (!text.empty() && characters < most) {
    const std::string_view before = text;
    const auto character = TakeCharacter(text);
    if (!character) {
      text.remove_prefix(1);
      continue;
    }
    if (IsControl(*character)) continue;
    shown += before.substr(0, before.size() - text.size());
    ++characters;
  }
  return std::string(Trimmed(shown));
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeCharacter(text)) return false;
  }
  return true;
}

absl::StatusOr<std::string> ParseName(std::string_view text,
                                      std::string_view what) {
  const auto refused = [&](std::string_view why) {
    return Refusal(Reason::kNameInvalid,
                   std::string(what) + " " + std::string(why));
  };
  auto name = WithSingleSpaces(text, kMaxNameCharacters);
  if (!name) return refused("must be UTF-8 text without control characters");
  if (name->find("ilk1_") != std::string::npos) {
    return refused(
        "has an authorization key in it, which is a secret; give the name "
        "where the name belongs, and the key where the key belongs");
  }
  if (name->empty()) {
    return Refusal(Reason::kNameInvalid,
                   "a name of 1 to 64 characters is needed");
  }
  if (CharactersIn(*name) > kMaxNameCharacters) {
    return refused("must have 1 to 64 characters");
  }
  if (!ShowsSomething(*name)) {
    return refused("shows nothing; it needs a letter, a digit or a sign");
  }
  return *std::move(name);
}

std::string FoldedName(std::string_view name) {
  const std::string text =
      WithSingleSpaces(name, name.size()).value_or(std::string(name));
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const auto size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(
      mapped, &std::free);
  if (size < 0) return text;  // Not UTF-8, and so not a name.
  return std::string(reinterpret_cast<const char*>(mapped),
                     static_cast<size_t>(size));
}

std::string ShownName(std::string said) {
  return Shown(std::move(said), kMaxNameCharacters);
}

std::string ShownSentence(std::string said) {
  return Shown(std::move(said), kMaxSentenceCharacters);
}

std::string QuotedText(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const size_t end = text.find_last_not_of(kBlanks) + 1;
  const std::string_view blanks_after =
      end > begin ? text.substr(end) : std::string_view();
  const auto as_spaces = [](size_t count) {
    return std::string(std::min(count, kMaxNameCharacters), ' ');
  };
  return "\"" + as_spaces(begin) +
         ShownSentence(std::string(text.substr(begin, end - begin))) +
         as_spaces(blanks_after.size()) + "\"";
}

absl::StatusOr<store::InternalNumber> ParseNumber(std::string_view text) {
  constexpr size_t kMostShown =
      24;  // Enough to recognise it, and less than a key.
  if (Trimmed(text).empty()) {
    return Refusal(Reason::kNumberInvalid,
                   "a number of 1 to 15 digits is needed");
  }
  const auto number = store::InternalNumber::Parse(text);
  if (!number) {
    return Refusal(Reason::kNumberInvalid,
                   "a number has 1 to 15 digits and nothing else; this is " +
                       QuotedText(text.substr(0, kMostShown)));
  }
  return *number;
}

}  // namespace interlink::federation
