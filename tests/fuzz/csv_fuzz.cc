// Files of numbers that somebody imports.

#include <sstream>

#include "daemon/cli/csv/number_csv.h"
#include "daemon/cli/show/text.h"
#include "tests/fuzz/target.h"

namespace interlink::fuzz {
namespace {

void SplitLines(const std::string& text) {
  std::istringstream in(text);
  cli::LineReader lines(in);
  int64_t number = 0;
  while (lines.Next()) {
    Require(lines.number() == ++number, "lines count from one");
    Require(lines.line().size() <= cli::LineReader::kMaxLineBytes + 1,
            "a long line is cut");
    std::string error;
    const char separator = cli::FirstCsvSeparator(lines.line()).value_or(',');
    const auto fields = cli::SplitCsvLine(lines.line(), separator, &error);
    Require(fields.has_value() == error.empty(),
            "a line has fields, or else an error");
    if (!fields) continue;
    Require(cli::SplitCsvLine(cli::JoinCsvLine(*fields), ',', &error) == fields,
            "fields read back as they were written");
  }
  Require(lines.bytes_read() == static_cast<int64_t>(text.size()),
          "every byte is read");
}

void ReadNumbers(const std::string& text) {
  std::istringstream in(text);
  cli::NumberCsv csv(in);
  int64_t last = 0;
  for (;;) {
    v1::ImportNumbersRequest::Entry entry;
    v1::ImportNumbersResponse::Refusal refusal;
    const auto line = csv.Next(&entry, &refusal);
    if (line == cli::NumberCsv::Line::kEnd) break;
    const bool is_entry = line == cli::NumberCsv::Line::kEntry;
    Require(is_entry || !refusal.message().empty(), "a refusal says why");
    if (line == cli::NumberCsv::Line::kUnreadable) return;
    const int64_t at = is_entry ? entry.line() : refusal.line();
    Require(at > last, "lines come in order");
    last = at;
    Require(cli::IsUtf8(entry.number().name()) &&
                cli::IsUtf8(entry.number().destination()),
            "what is sent is UTF-8");
  }
  Require(csv.bytes_read() == static_cast<int64_t>(text.size()),
          "every byte is read");
}

const Registration kCsvTarget("csv", [](std::string_view input) {
  const std::string text(input);
  SplitLines(text);
  ReadNumbers(text);
});

}  // namespace
}  // namespace interlink::fuzz
