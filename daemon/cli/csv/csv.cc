#include "daemon/cli/csv/csv.h"

#include <streambuf>

#include "daemon/cli/show/text.h"

namespace interlink::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Past spaces, and past tabs if they separate nothing.
size_t SkipSpaces(std::string_view line, char separator, size_t at) {
  const size_t next =
      line.find_first_not_of(separator == '\t' ? " " : " \t", at);
  return next == std::string_view::npos ? line.size() : next;
}

// Reads the quoted field that begins at line[*at] and leaves *at behind its
// closing quote; false if there is none.
bool ReadQuoted(std::string_view line, size_t* at, std::string* field) {
  size_t i = *at + 1;
  for (; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (i + 1 == line.size() || line[i + 1] != '"') break;
      ++i;  // A doubled quote stands for one.
    }
    *field += line[i];
  }
  *at = i + 1;
  return i < line.size();
}

}  // namespace

std::optional<char> FirstCsvSeparator(std::string_view line) {
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted && kCsvSeparators.find(c) != std::string_view::npos) {
      return c;
    }
  }
  return std::nullopt;
}

std::string JoinCsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    const bool is_plain = field.find_first_of(",;\t\"") == std::string::npos &&
                          Trim(field).size() == field.size();
    if (is_plain) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line;
}

std::optional<std::vector<std::string>> SplitCsvLine(std::string_view line,
                                                     char separator,
                                                     std::string* error) {
  std::vector<std::string> fields;
  size_t at = 0;
  while (true) {
    std::string& field = fields.emplace_back();
    at = SkipSpaces(line, separator, at);
    size_t end = line.find(separator, at);
    if (at < line.size() && line[at] == '"') {
      if (!ReadQuoted(line, &at, &field)) {
        *error = "a quoted field is not closed on its line";
        return std::nullopt;
      }
      at = SkipSpaces(line, separator, at);
      if (at < line.size() && line[at] != separator) {
        *error = "a quoted field goes on behind its closing quote";
        return std::nullopt;
      }
      end = at < line.size() ? at : std::string_view::npos;
    } else {
      field = Trim(line.substr(at, end - at));
      if (field.find('"') != std::string::npos) {
        *error = "a quote stands in a field that does not begin with one";
        return std::nullopt;
      }
    }
    if (end == std::string_view::npos) return fields;
    at = end + 1;
  }
}

bool LineReader::Next() {
  static constexpr int kEnd = std::streambuf::traits_type::eof();
  std::streambuf& bytes = *in_.rdbuf();
  line_.clear();
  is_too_long_ = false;
  int byte = bytes.sbumpc();
  if (byte == kEnd) return false;
  for (; byte != kEnd && byte != '\n' && byte != '\r'; byte = bytes.sbumpc()) {
    ++bytes_read_;
    if (line_.size() <= kMaxLineBytes) line_ += static_cast<char>(byte);
  }
  if (byte != kEnd) ++bytes_read_;
  if (byte == '\r' && bytes.sgetc() == '\n') {
    bytes.sbumpc();
    ++bytes_read_;
  }
  if (++number_ == 1 && line_.starts_with(kByteOrderMark)) {
    line_.erase(0, kByteOrderMark.size());
  }
  is_too_long_ = line_.size() > kMaxLineBytes;
  return true;
}

}  // namespace interlink::cli
