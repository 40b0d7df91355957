#include "daemon/sip/message_head.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace interlink::daemon {
namespace {

using Name = MessageHead::Name;

struct KnownName {
  std::string_view text;
  Name name;
};

constexpr KnownName kNames[] = {
    {"via", Name::kVia},
    {"v", Name::kVia},
    {"from", Name::kFrom},
    {"f", Name::kFrom},
    {"to", Name::kTo},
    {"t", Name::kTo},
    {"call-id", Name::kCallId},
    {"i", Name::kCallId},
    {"cseq", Name::kCSeq},
    {"max-forwards", Name::kMaxForwards},
    {"content-length", Name::kContentLength},
    {"l", Name::kContentLength},
    {"p-asserted-identity", Name::kPAssertedIdentity},
    {"require", Name::kRequire},
    {"timestamp", Name::kTimestamp},
};

// Some programs end a line or a text at one of these, wherever it stands.
constexpr std::string_view kLineBreakers("\r\n\0", 3);

// find_first_of() looks at each character of `line` by itself, and takes five
// times as long.
bool IsBroken(std::string_view line) {
  return std::any_of(
      kLineBreakers.begin(), kLineBreakers.end(),
      [line](char breaker) { return line.find(breaker) != line.npos; });
}

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

// `lower` is in lower case.
bool IsSameWord(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return Lower(a) == b; });
}

Name NameOf(std::string_view text) {
  const auto* const found = std::find_if(
      std::begin(kNames), std::end(kNames),
      [text](const KnownName& known) { return IsSameWord(text, known.text); });
  return found == std::end(kNames) ? Name::kOther : found->name;
}

// A token of RFC 3261 section 25.1.
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("-.!%*_+`'~", c) != nullptr);
  });
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

MessageHead::MessageHead(std::string_view text) : text_(text) {
  Unfold();
  fields_.reserve(16);
  std::string_view rest = text_;
  for (bool is_first = true; !rest.empty(); is_first = false) {
    const size_t end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    if (IsBroken(line)) {
      fault_ = "a line has a CR, LF or NUL within";
    } else if (is_first) {
      start_line_ = line;
    } else if (!line.empty()) {
      AddLine(line);
    }
  }
}

void MessageHead::Unfold() {
  for (size_t at = text_.find("\r\n"); at != text_.npos;
       at = text_.find("\r\n", at + 2)) {
    if (at + 2 < text_.size() && IsBlank(text_[at + 2])) {
      text_[at] = text_[at + 1] = ' ';
    }
  }
}

void MessageHead::AddLine(std::string_view line) {
  const size_t colon = line.find(':');
  const std::string_view name = Trimmed(line.substr(0, colon));
  if (colon == line.npos || !IsToken(name)) {
    fault_ = "a line is no header field";
  } else if (fields_.size() == kMostFields) {
    fault_ = "there are too many header fields";
  } else {
    fields_.push_back({NameOf(name), Trimmed(line.substr(colon + 1))});
  }
}

std::optional<std::string_view> MessageHead::Find(Name name,
                                                  bool& is_repeated) const {
  std::optional<std::string_view> value;
  for (const Field& field : fields_) {
    if (field.name != name) continue;
    if (value) is_repeated = true;
    if (!value) value = field.value;
  }
  return value;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<size_t> ParseCount(std::string_view digits, size_t most) {
  size_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value > most) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string_view> SplitValues(std::string_view value) {
  std::vector<std::string_view> values;
  bool is_quoted = false;
  bool is_in_brackets = false;
  size_t start = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (is_quoted) {
      if (c == '\\') ++i;
      if (c == '"') is_quoted = false;
    } else if (c == '"') {
      is_quoted = true;
    } else if (c == '<' || c == '>') {
      is_in_brackets = c == '<';
    } else if (c == ',' && !is_in_brackets) {
      values.push_back(Trimmed(value.substr(start, i - start)));
      start = i + 1;
    }
  }
  values.push_back(Trimmed(value.substr(start)));
  return values;
}

}  // namespace interlink::daemon
