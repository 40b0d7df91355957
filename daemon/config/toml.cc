#include "daemon/config/toml.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/status/status.h"
#include "federation/base/names.h"

namespace interlink::daemon {
namespace {

constexpr size_t kMostMistakes = 20;

bool IsKeyCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
         c == '_';
}

bool IsScalar(std::string_view word) {
  if (word == "true" || word == "false") return true;
  if (!word.empty() && (word[0] == '-' || word[0] == '+')) {
    word.remove_prefix(1);
  }
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text), line_begin_(text) {}

  TomlFile Parse() {
    TomlFile file;
    const auto complain = [&file](const absl::Status& status) {
      file.mistakes.push_back(std::string(status.message()));
    };
    for (SkipLines(); !rest_.empty(); SkipLines()) {
      key_.clear();
      if (file.mistakes.size() == kMostMistakes) {
        complain(Bad("the file is not read from here on"));
        return file;
      }
      TomlSetting setting;
      setting.line = line_;
      if (auto status = ParseSetting(setting); !status.ok()) {
        complain(status);
        SkipBroken(setting);
        continue;
      }
      const auto same = std::find_if(
          file.settings.begin(), file.settings.end(),
          [&](const TomlSetting& other) { return other.key == setting.key; });
      key_.clear();
      if (same == file.settings.end()) {
        file.settings.push_back(std::move(setting));
      } else {
        complain(Bad("\"" + setting.key + "\" is already in line " +
                     std::to_string(same->line)));
      }
    }
    return file;
  }

 private:
  // In a setting, with its key.
  absl::Status Bad(const std::string& what) const {
    return absl::InvalidArgumentError("line " + std::to_string(line_) +
                                      (key_.empty() ? "" : ", " + key_) + ": " +
                                      what);
  }

  // Goes on to where the next setting can begin.
  void SkipBroken(const TomlSetting& broken) {
    // What was taken for a value may be the next setting.
    if (line_ != broken.line) rest_ = line_begin_;
    while (line_ == broken.line || !BeginsSetting()) {
      const std::string_view line = rest_.substr(0, rest_.find('\n'));
      rest_.remove_prefix(line.size());
      if (!Take('\n')) return;
      BeginLine();
      if (!broken.is_array || line.find(']') != line.npos) return;
    }
  }

  bool BeginsSetting() const {
    Parser ahead = *this;
    ahead.SkipBlanks();
    const std::string key = ahead.TakeKey();
    ahead.SkipBlanks();
    return !key.empty() && ahead.Take('=');
  }

  char Peek() const { return rest_.empty() ? '\n' : rest_.front(); }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void SkipBlanks() {
    while (Take(' ') || Take('\t') || Take('\r')) continue;
    if (Peek() == '#') {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    }
  }
  void SkipLines() {
    SkipBlanks();
    while (Take('\n')) {
      BeginLine();
      SkipBlanks();
    }
  }
  void BeginLine() {
    ++line_;
    line_begin_ = rest_;
  }

  std::string TakeKey() {
    std::string key;
    while (IsKeyCharacter(Peek())) TakeInto(key);
    return key;
  }

  absl::Status ParseSetting(TomlSetting& setting) {
    if (Peek() == '[') return Bad("settings have no sections");
    setting.key = TakeKey();
    SkipBlanks();
    if (setting.key.empty() || !Take('=')) {
      return Bad("a setting is KEY = VALUE");
    }
    key_ = setting.key;
    SkipBlanks();
    setting.is_array = Take('[');
    auto status = setting.is_array ? ParseArray(setting.values)
                                   : ParseValue(setting.values);
    if (!status.ok()) return status;
    SkipBlanks();
    if (Peek() != '\n') return Bad("something follows the value");
    return absl::OkStatus();
  }

  absl::Status ParseArray(std::vector<TomlValue>& values) {
    for (SkipLines(); !Take(']'); SkipLines()) {
      if (auto status = ParseValue(values); !status.ok()) return status;
      SkipLines();
      if (!Take(',') && Peek() != ']') {
        return Bad(
            "the values of an array have commas between them and ] at "
            "the end");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ParseValue(std::vector<TomlValue>& values) {
    TomlValue value{.text = "", .is_quoted = true};
    if (Take('"')) {
      if (auto status = ParseString(value.text); !status.ok()) return status;
    } else if (Take('\'')) {
      while (Peek() != '\n' && Peek() != '\'') TakeInto(value.text);
      if (!Take('\'')) return Bad("the string does not end in its line");
    } else {
      value.is_quoted = false;
      while (IsKeyCharacter(Peek()) || Peek() == '+') TakeInto(value.text);
      if (!value.text.empty() && !IsScalar(value.text)) {
        return Bad(value.text +
                   " is neither an integer, true nor false, and text stands in "
                   "quotes: " +
                   TomlString(value.text));
      }
      if (value.text.empty()) {
        return Bad(
            "a value is a string in quotes, an integer, true, false or "
            "an array of these");
      }
    }
    if (!federation::IsUtf8(value.text)) {
      return Bad(federation::QuotedText(value.text) +
                 " is not UTF-8 but perhaps Latin-1; save the file as UTF-8");
    }
    values.push_back(std::move(value));
    return absl::OkStatus();
  }

  absl::Status ParseString(std::string& value) {
    while (Peek() != '\n' && Peek() != '"') {
      if (Take('\\') && Peek() != '"' && Peek() != '\\') {
        return Bad(
            "in a string, only \\\" and \\\\ are known; in single "
            "quotes a backslash is just that");
      }
      TakeInto(value);
    }
    return Take('"') ? absl::OkStatus()
                     : Bad("the string does not end in its line");
  }

  void TakeInto(std::string& value) {
    value += rest_.front();
    rest_.remove_prefix(1);
  }

  std::string_view rest_;
  int line_ = 1;
  std::string_view line_begin_;  // From that line on.
  std::string key_;              // Of the setting whose value is read.
};

}  // namespace

TomlFile ParseToml(std::string_view text) { return Parser(text).Parse(); }

std::string TomlString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace interlink::daemon
