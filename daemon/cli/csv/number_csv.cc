#include "daemon/cli/csv/number_csv.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/cli/show/text.h"

namespace interlink::cli {
namespace {

// More than an account may have.
constexpr size_t kMostRemembered = 2'000'000;

const std::vector<std::string>& AllColumns() {
  static const std::vector<std::string> kColumns = {
      "number", "name", "destination", "private", "contact"};
  return kColumns;
}

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string Joined(const std::vector<std::string>& fields, char separator) {
  std::string text;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) text += separator == '\t' ? ' ' : separator;
    text += field;
  }
  return text;
}

std::optional<bool> ReadFlag(std::string_view text) {
  const std::string word = LowerCase(text);
  for (const char* yes : {"true", "yes", "y", "1"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "n", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

bool IsJson(std::string_view first_line) {
  const std::string_view text = Trim(first_line);
  return text.starts_with('{') || text.starts_with('[');
}

// Another value for each number of up to 15 digits, leading zeros included.
std::optional<uint64_t> KeyOf(const std::string& number) {
  const bool is_number =
      !number.empty() && number.size() <= 15 &&
      number.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return std::nullopt;
  return std::stoull("1" + number);
}

// A line of data begins with a number, right or wrong; a heading with a word.
bool IsHeading(const std::vector<std::string>& fields) {
  const bool has_digits =
      fields[0].find_first_of("0123456789") != std::string::npos;
  if (has_digits) return false;
  return !fields[0].empty() || Contains(fields, "number");
}

void SetField(const std::string& column, std::string value, bool is_private,
              v1::Number* number) {
  if (column == "number") {
    number->set_number(std::move(value));
  } else if (column == "name") {
    number->set_name(std::move(value));
  } else if (column == "destination") {
    number->set_destination(std::move(value));
  } else if (column == "contact") {
    number->set_contact(std::move(value));
  } else {
    number->set_private_(is_private);
  }
}

}  // namespace

NumberCsv::NumberCsv(std::istream& in) : lines_(in), columns_(AllColumns()) {}

NumberCsv::Line NumberCsv::Next(v1::ImportNumbersRequest::Entry* entry,
                                v1::ImportNumbersResponse::Refusal* refusal) {
  const auto refuse = [&](Line line, std::string message) {
    refusal->set_line(lines_.number());
    refusal->set_reason("CSV_INVALID");
    refusal->set_message(std::move(message));
    says_something_ = true;
    return line;
  };
  while (lines_.Next()) {
    std::string error = CheckEncoding();
    if (!error.empty()) return refuse(Line::kUnreadable, std::move(error));
    if (is_first_ && IsJson(lines_.line())) {
      return refuse(Line::kUnreadable,
                    "this is JSON; `interlinkctl number export` without "
                    "--output json writes the CSV that is read here");
    }
    std::vector<std::string> fields;
    error = ReadFields(&fields);
    if (!error.empty()) return refuse(Line::kRefused, std::move(error));
    const bool says_nothing =
        std::all_of(fields.begin(), fields.end(),
                    [](const std::string& field) { return field.empty(); });
    if (says_nothing) continue;  // Such as below the last row of a spreadsheet.
    if (is_first_) {
      std::vector<std::string> heading;
      for (const auto& field : fields) heading.push_back(LowerCase(field));
      // For Excel; the next line is the first.
      if (heading[0] == "sep=") continue;
      is_first_ = false;
      if (IsHeading(heading)) {
        error = ReadHeading(heading);
        if (error.empty()) continue;
        return refuse(Line::kUnreadable, std::move(error));
      }
    }
    error = ReadNumber(std::move(fields), entry);
    if (error.empty()) error = CheckNew(entry->number().number());
    if (!error.empty()) return refuse(Line::kRefused, std::move(error));
    entry->set_line(lines_.number());
    says_something_ = true;
    return Line::kEntry;
  }
  if (says_something_) return Line::kEnd;
  const Line none =
      refuse(Line::kUnreadable,
             "the file has no numbers; each is a line such as 201,Reception");
  refusal->clear_line();
  return none;
}

std::string NumberCsv::CheckNew(const std::string& number) {
  const auto key = KeyOf(number);
  if (!key) return "";  // The daemon refuses it.
  const auto found = line_of_.find(*key);
  if (found != line_of_.end()) {
    return "number " + number + " is in line " + std::to_string(found->second) +
           " already";
  }
  if (line_of_.size() < kMostRemembered) {
    line_of_[*key] = static_cast<int32_t>(lines_.number());
  }
  return "";
}

std::string NumberCsv::CheckEncoding() const {
  const std::string& line = lines_.line();
  const bool has_mark =
      line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
  if (has_mark || line.find('\0') != std::string::npos) {
    return "this is UTF-16 text, or no text at all; save it as UTF-8 (\"CSV "
           "UTF-8\" in a spreadsheet) and import it again";
  }
  if (!lines_.is_too_long() && !IsUtf8(line)) {
    return "this is text in Latin-1 (ISO 8859-1, Windows-1252) or another old "
           "encoding; save it as UTF-8 (\"CSV UTF-8\" in a spreadsheet) and "
           "import it again";
  }
  return "";
}

std::string NumberCsv::ReadFields(std::vector<std::string>* fields) {
  if (lines_.is_too_long()) {
    return "the line is longer than " +
           std::to_string(LineReader::kMaxLineBytes) + " bytes";
  }
  if (!separator_) separator_ = FirstCsvSeparator(lines_.line());
  std::string error;
  auto split = SplitCsvLine(lines_.line(), separator_.value_or(','), &error);
  if (split.has_value()) *fields = *std::move(split);
  return error;
}

std::string NumberCsv::ReadHeading(const std::vector<std::string>& fields) {
  const std::string known = Joined(AllColumns(), ',');
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].empty()) continue;
    if (!Contains(AllColumns(), fields[i])) {
      return "the heading names a column \"" + fields[i] +
             "\"; the columns are " + known + ", in any order";
    }
    if (std::find(fields.begin() + static_cast<int64_t>(i) + 1, fields.end(),
                  fields[i]) != fields.end()) {
      return "the heading names the column \"" + fields[i] + "\" twice";
    }
  }
  if (!Contains(fields, "number")) {
    return "the heading does not name the column \"number\"; the columns are " +
           known + ", in any order";
  }
  columns_ = fields;
  return "";
}

std::string NumberCsv::ReadNumber(
    std::vector<std::string> fields,
    v1::ImportNumbersRequest::Entry* entry) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool has_column = i < columns_.size() && !columns_[i].empty();
    if (has_column || fields[i].empty()) continue;
    const char separator = separator_.value_or(',');
    return "there are " + std::to_string(fields.size()) +
           " fields instead of " + Joined(columns_, separator) +
           "; quote a field that holds a " +
           (separator == '\t' ? "tab" : std::string(1, separator));
  }
  entry->mutable_update_mask();  // What is not named stays as it is.
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string column = i < columns_.size() ? columns_[i] : "";
    if (column.empty()) continue;
    std::optional<bool> is_private;
    if (column == "private") {
      if (fields[i].empty()) continue;
      is_private = ReadFlag(fields[i]);
      if (!is_private) {
        return "private is \"" + fields[i] + "\" instead of true or false";
      }
    }
    if (column != "number") entry->mutable_update_mask()->add_paths(column);
    SetField(column, std::move(fields[i]), is_private.value_or(false),
             entry->mutable_number());
  }
  return "";
}

std::string NumberCsvHeading() { return JoinCsvLine(AllColumns()); }

std::string NumberCsvLine(const v1::Number& number) {
  return JoinCsvLine({number.number(), number.name(), number.destination(),
                      number.private_() ? "true" : "false", number.contact()});
}

int FormulasIn(const v1::Number& number) {
  int formulas = 0;
  for (const std::string& field : {number.name(), number.destination()}) {
    // Also in their wide form, as in the phone book.
    for (const std::string_view sign :
         {"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
          "\xef\xbc\xa0"}) {
      if (field.starts_with(sign)) ++formulas;
    }
  }
  return formulas;
}

}  // namespace interlink::cli
