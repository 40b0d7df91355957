#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/cli/csv/csv.h"
#include "interlink/v1/interlink.pb.h"

namespace interlink::cli {

// The internal numbers in a CSV text, a line each.
//
// The first line may be a heading that names the columns in any order. Without
// one, their order is number, name, destination, private, contact. A line
// changes what it has a field for and leaves the rest of its number as it is.
// `private` is true, yes, y or 1, or false, no, n or 0; an empty field leaves
// it as it is. A number that comes twice is refused the second time. The first
// line's separator holds for all.
//
// Threading: one thread. Lifetime: the stream must outlive it.
class NumberCsv {
 public:
  enum class Line {
    kEntry,       // `entry` is filled.
    kRefused,     // `refusal` says why this line is not taken.
    kUnreadable,  // `refusal` says why nothing from this line on can be read;
                  // without a line, why nothing in the whole text can.
    kEnd,
  };

  explicit NumberCsv(std::istream& in);

  // Reads up to the next line that is not blank.
  Line Next(v1::ImportNumbersRequest::Entry* entry,
            v1::ImportNumbersResponse::Refusal* refusal);

  int64_t bytes_read() const { return lines_.bytes_read(); }

 private:
  // Each returns what is wrong, or nothing: with the text as a whole, with the
  // first line, with one line.
  std::string CheckEncoding() const;
  std::string ReadHeading(const std::vector<std::string>& fields);
  std::string ReadFields(std::vector<std::string>* fields);
  std::string ReadNumber(std::vector<std::string> fields,
                         v1::ImportNumbersRequest::Entry* entry) const;
  // That no line before this one has the number.
  std::string CheckNew(const std::string& number);

  LineReader lines_;
  std::optional<char> separator_;  // nullopt: no line had one so far.
  std::vector<std::string> columns_;
  bool is_first_ = true;
  bool says_something_ = false;  // There was a line besides a heading.
  std::unordered_map<uint64_t, int32_t> line_of_;  // By number.
};

// The heading of such a text, and the line of a number.
std::string NumberCsvHeading();
std::string NumberCsvLine(const v1::Number& number);

// How many fields of that line a spreadsheet takes for formulas. They stand in
// it as they are: a guard before them would not be read back, and +493012345 is
// a good destination.
int FormulasIn(const v1::Number& number);

}  // namespace interlink::cli
