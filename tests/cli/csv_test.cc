#include "daemon/cli/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "daemon/cli/number_csv.h"

namespace interlink::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct SplitCase {
  std::string name;
  std::string line;
  std::vector<std::string> fields;  // Empty: refused.

  friend void PrintTo(const SplitCase& c, std::ostream* out) { *out << c.name; }
};

class CsvSplitTest : public ::testing::TestWithParam<SplitCase> {};

TEST_P(CsvSplitTest, FieldsAreAsRfc4180Says) {
  std::string error;
  const auto fields = SplitCsvLine(GetParam().line, &error);
  if (GetParam().fields.empty()) {
    EXPECT_FALSE(fields.has_value());
    EXPECT_FALSE(error.empty());
  } else {
    ASSERT_TRUE(fields.has_value()) << error;
    EXPECT_EQ(*fields, GetParam().fields);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lines, CsvSplitTest,
    ::testing::Values(
        SplitCase{
            "Plain", "201,Reception,sip:a@b", {"201", "Reception", "sip:a@b"}},
        SplitCase{"EmptyFields", ",,", {"", "", ""}},
        SplitCase{
            "CommaInQuotes", "201,\"Smith, John\"", {"201", "Smith, John"}},
        SplitCase{"DoubledQuote", "\"a \"\"b\"\" c\"", {"a \"b\" c"}},
        SplitCase{"OnlyADoubledQuote", "\"\"\"\"", {"\""}},
        SplitCase{"EmptyQuotes", "\"\",x", {"", "x"}},
        SplitCase{"SpacesAround", " 201 ,\t\"a\" , b c ", {"201", "a", "b c"}},
        SplitCase{"SpacesInQuotes", "\" a \"", {" a "}},
        SplitCase{"QuoteNotClosed", "201,\"Reception", {}},
        SplitCase{"QuoteNotClosedAfterDoubled", "\"a\"\"", {}},
        SplitCase{"TextBehindQuote", "\"a\"b,c", {}},
        SplitCase{"QuoteInside", "a\"b,c", {}}),
    [](const auto& test) { return test.param.name; });

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream in(text);
  LineReader reader(in);
  std::vector<std::string> lines;
  while (reader.Next()) lines.push_back(reader.line());
  EXPECT_EQ(reader.bytes_read(), static_cast<int64_t>(text.size()));
  return lines;
}

TEST(LineReaderTest, LinesEndWithLfOrCrlfOrTheText) {
  EXPECT_THAT(LinesOf("a\r\nb\nc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(LinesOf("a\n\n"), ElementsAre("a", ""));
  EXPECT_THAT(LinesOf(""), ElementsAre());
}

TEST(LineReaderTest, AByteOrderMarkIsSkippedOnTheFirstLineOnly) {
  EXPECT_THAT(LinesOf("\xEF\xBB\xBFx\n\xEF\xBB\xBFy"),
              ElementsAre("x", "\xEF\xBB\xBFy"));
}

TEST(LineReaderTest, ALineThatIsTooLongIsCutAndTheNextOneStands) {
  const std::string most(LineReader::kMaxLineBytes, 'a');
  std::istringstream in(most + "\n" + most + "b" + most + "\nnext");
  LineReader reader(in);
  ASSERT_TRUE(reader.Next());
  EXPECT_FALSE(reader.is_too_long());
  ASSERT_TRUE(reader.Next());
  EXPECT_TRUE(reader.is_too_long());
  EXPECT_LE(reader.line().size(), LineReader::kMaxLineBytes + 1);
  ASSERT_TRUE(reader.Next());
  EXPECT_FALSE(reader.is_too_long());
  EXPECT_EQ(reader.line(), "next");
  EXPECT_EQ(reader.number(), 3);
}

// "line number|name|destination|privacy" or "line !what is wrong".
std::vector<std::string> NumbersIn(const std::string& text) {
  std::istringstream in(text);
  NumberCsv csv(in);
  std::vector<std::string> lines;
  while (true) {
    v1::ImportNumbersRequest::Entry entry;
    v1::ImportNumbersResponse::Refusal refusal;
    const auto line = csv.Next(&entry, &refusal);
    if (line == NumberCsv::Line::kEnd) return lines;
    if (line == NumberCsv::Line::kRefused) {
      EXPECT_EQ(refusal.reason(), "CSV_INVALID");
      lines.push_back(std::to_string(refusal.line()) + " !" +
                      refusal.message());
    } else {
      const v1::Number& number = entry.number();
      lines.push_back(std::to_string(entry.line()) + " " + number.number() +
                      "|" + number.name() + "|" + number.destination() +
                      (number.private_() ? "|private" : "|shared"));
    }
  }
}

TEST(NumberCsvTest, TheHeaderMayBeThereOrNot) {
  EXPECT_THAT(NumbersIn("number,name,destination,private\n1,a,sip:a@b,yes\n"),
              ElementsAre("2 1|a|sip:a@b|private"));
  EXPECT_THAT(NumbersIn("1,a,sip:a@b,\n"), ElementsAre("1 1|a|sip:a@b|shared"));
  EXPECT_THAT(NumbersIn("\xEF\xBB\xBF\"Number\",NAME\r\n1\r\n"),
              ElementsAre("2 1|||shared"));
}

TEST(NumberCsvTest, AHeaderWithColumnsInAnotherOrderStopsTheImport) {
  std::istringstream in("name,number\nA,1\n");
  NumberCsv csv(in);
  v1::ImportNumbersRequest::Entry entry;
  v1::ImportNumbersResponse::Refusal refusal;
  EXPECT_EQ(csv.Next(&entry, &refusal), NumberCsv::Line::kRefused);
  EXPECT_TRUE(csv.has_wrong_header());
}

TEST(NumberCsvTest, PrivateIsAWordForYesOrNo) {
  for (const std::string word : {"true", "YES", "1"}) {
    EXPECT_THAT(NumbersIn("1,a,b," + word), ElementsAre("1 1|a|b|private"));
  }
  for (const std::string word : {"false", "No", "0", ""}) {
    EXPECT_THAT(NumbersIn("1,a,b," + word), ElementsAre("1 1|a|b|shared"));
  }
  EXPECT_THAT(NumbersIn("1,a,b,maybe"), ElementsAre(HasSubstr("maybe")));
}

TEST(NumberCsvTest, ABadLineIsNamedByItsPlaceAndCostsOnlyItself) {
  EXPECT_THAT(NumbersIn("1\n\n\"2\n3,a,b,c,d\n\xFF\n5\n" +
                        std::string(5000, '6') + "\n7"),
              ElementsAre("1 1|||shared", HasSubstr("3 !a quoted field"),
                          HasSubstr("4 !there are 5 fields"),
                          HasSubstr("5 !the line is not UTF-8"), "6 5|||shared",
                          HasSubstr("7 !the line is longer"), "8 7|||shared"));
}

}  // namespace
}  // namespace interlink::cli
