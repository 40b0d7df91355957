#include "daemon/cli/number_csv.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/cli/text.h"

namespace interlink::cli {
namespace {

constexpr std::array<std::string_view, 4> kColumns = {"number", "name",
                                                      "destination", "private"};

std::optional<bool> ReadFlag(std::string_view text) {
  const std::string word = LowerCase(text);
  if (word == "true" || word == "yes" || word == "1") return true;
  if (word == "false" || word == "no" || word == "0" || word.empty()) {
    return false;
  }
  return std::nullopt;
}

// Empty if `fields` make a number, else what is wrong with them.
std::string ToNumber(std::vector<std::string> fields, v1::Number* number) {
  if (fields.size() > kColumns.size()) {
    return "there are " + std::to_string(fields.size()) +
           " fields instead of number,name,destination,private; quote a field "
           "that holds a comma";
  }
  fields.resize(kColumns.size());
  const std::optional<bool> is_private = ReadFlag(fields[3]);
  if (!is_private.has_value()) {
    return "private is \"" + fields[3] + "\" instead of true or false";
  }
  number->set_number(std::move(fields[0]));
  number->set_name(std::move(fields[1]));
  number->set_destination(std::move(fields[2]));
  number->set_private_(*is_private);
  return "";
}

}  // namespace

NumberCsv::Line NumberCsv::Next(v1::ImportNumbersRequest::Entry* entry,
                                v1::ImportNumbersResponse::Refusal* refusal) {
  while (lines_.Next()) {
    if (Trim(lines_.line()).empty()) continue;
    std::vector<std::string> fields;
    std::string error = ReadFields(&fields);
    if (error.empty() && std::exchange(is_first_, false) && IsHeader(fields)) {
      continue;
    }
    if (error.empty()) {
      error = has_wrong_header_
                  ? "the columns are not number,name,destination,private"
                  : ToNumber(std::move(fields), entry->mutable_number());
    }
    if (error.empty()) {
      entry->set_line(lines_.number());
      return Line::kEntry;
    }
    refusal->set_line(lines_.number());
    refusal->set_reason("CSV_INVALID");
    refusal->set_message(error);
    return Line::kRefused;
  }
  return Line::kEnd;
}

std::string NumberCsv::ReadFields(std::vector<std::string>* fields) {
  if (lines_.is_too_long()) {
    return "the line is longer than " +
           std::to_string(LineReader::kMaxLineBytes) + " bytes";
  }
  if (!IsUtf8(lines_.line())) return "the line is not UTF-8 text";
  std::string error;
  auto split = SplitCsvLine(lines_.line(), &error);
  if (split.has_value()) *fields = *std::move(split);
  return error;
}

bool NumberCsv::IsHeader(const std::vector<std::string>& fields) {
  bool names_a_column = false;
  bool is_ours = fields.size() <= kColumns.size();
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string field = LowerCase(fields[i]);
    if (field == "number") names_a_column = true;
    if (i >= kColumns.size() || field != kColumns[i]) is_ours = false;
  }
  has_wrong_header_ = names_a_column && !is_ours;
  return names_a_column && is_ours;
}

}  // namespace interlink::cli
