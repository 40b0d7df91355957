#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interlink::cli {

// Separators of fields: a comma, a semicolon (where commas are for decimals),
// or a tab (in text copied from a spreadsheet).
inline constexpr std::string_view kCsvSeparators = ",;\t";

// The first separator of `line` that is not within quotes; nullopt if it has
// none.
std::optional<char> FirstCsvSeparator(std::string_view line);

// The fields of one line of CSV (RFC 4180): quoted with '"' if they hold a
// separator or a quote, a quote inside doubled. Spaces around a field do not
// count unless quoted. nullopt, with a sentence in `error`, if the quoting is
// broken. No field spans lines, so that a forgotten quote costs one line and
// not the rest of the file.
std::optional<std::vector<std::string>> SplitCsvLine(std::string_view line,
                                                     char separator,
                                                     std::string* error);

// The inverse, with commas: no field may hold a line break.
std::string JoinCsvLine(const std::vector<std::string>& fields);

// Reads a text line by line, whatever its size, in bounded memory.
//
// Lines end with LF, CRLF or CR; a byte order mark before the first is skipped.
// Threading: one thread. Lifetime: the stream must outlive it.
class LineReader {
 public:
  static constexpr size_t kMaxLineBytes = 4096;

  explicit LineReader(std::istream& in) : in_(in) {}

  // Reads the next line; false at the end. A line beyond kMaxLineBytes is cut
  // there, and is_too_long().
  bool Next();

  const std::string& line() const { return line_; }
  int64_t number() const { return number_; }  // From 1.
  bool is_too_long() const { return is_too_long_; }
  int64_t bytes_read() const { return bytes_read_; }

 private:
  std::istream& in_;
  std::string line_;
  int64_t number_ = 0;
  int64_t bytes_read_ = 0;
  bool is_too_long_ = false;
};

}  // namespace interlink::cli
