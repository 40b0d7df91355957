#include "daemon/cli/csv/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/cli/csv/number_csv.h"
#include "daemon/cli/show/text.h"

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
  const auto fields = SplitCsvLine(GetParam().line, ',', &error);
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

TEST(LineReaderTest, LinesEndWithLfOrCrlfOrCrOrTheText) {
  EXPECT_THAT(LinesOf("a\r\nb\nc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(LinesOf("a\rb\r\rc\r"), ElementsAre("a", "b", "", "c"));
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

TEST(CsvSplitTest, OtherSeparatorsAreThoseOfTheFirstField) {
  std::string error;
  EXPECT_EQ(FirstCsvSeparator("number;name,x"), ';');
  EXPECT_EQ(FirstCsvSeparator("\"a;b\"\tname,x"), '\t');
  EXPECT_EQ(FirstCsvSeparator("number"), std::nullopt);
  EXPECT_THAT(*SplitCsvLine("1;\"a;b\"; c,d ", ';', &error),
              ElementsAre("1", "a;b", "c,d"));
  EXPECT_THAT(*SplitCsvLine("1\t\t a b\t", '\t', &error),
              ElementsAre("1", "", "a b", ""));
}

// "line number|name=...|destination=..." with the fields that it sets, or
// "line !what is wrong"; behind what cannot be read, nothing more.
std::vector<std::string> NumbersIn(const std::string& text) {
  std::istringstream in(text);
  NumberCsv csv(in);
  std::vector<std::string> lines;
  while (true) {
    v1::ImportNumbersRequest::Entry entry;
    v1::ImportNumbersResponse::Refusal refusal;
    const auto line = csv.Next(&entry, &refusal);
    if (line == NumberCsv::Line::kEnd) return lines;
    if (line != NumberCsv::Line::kEntry) {
      EXPECT_EQ(refusal.reason(), "CSV_INVALID");
      lines.push_back(std::to_string(refusal.line()) + " !" +
                      refusal.message());
      if (line == NumberCsv::Line::kUnreadable) return lines;
      continue;
    }
    const v1::Number& number = entry.number();
    std::string words = std::to_string(entry.line()) + " " + number.number();
    EXPECT_TRUE(entry.has_update_mask());
    for (const std::string& path : entry.update_mask().paths()) {
      const std::map<std::string, std::string> values = {
          {"name", number.name()},
          {"destination", number.destination()},
          {"private", number.private_() ? "true" : "false"},
          {"contact", number.contact()}};
      words += "|" + path + "=" + values.at(path);
    }
    lines.push_back(words);
  }
}

TEST(NumberCsvTest, TheHeadingMayBeThereOrNot) {
  EXPECT_THAT(NumbersIn("number,name,destination,private\n1,a,sip:a@b,yes\n"),
              ElementsAre("2 1|name=a|destination=sip:a@b|private=true"));
  EXPECT_THAT(NumbersIn("1,a,sip:a@b,no,sip:{number}@c\n"),
              ElementsAre("1 1|name=a|destination=sip:a@b|private=false|"
                          "contact=sip:{number}@c"));
  EXPECT_THAT(NumbersIn("\xEF\xBB\xBF\"Number\",NAME\r\n1\r\n"),
              ElementsAre("2 1"));
  // What begins with digits is a number, whatever stands behind it.
  EXPECT_THAT(NumbersIn("1,Number\n"), ElementsAre("1 1|name=Number"));
}

TEST(NumberCsvTest, TheHeadingNamesTheColumnsInAnyOrder) {
  EXPECT_THAT(NumbersIn("contact,number,private\nsip:{number}@c,1,true\n"),
              ElementsAre("2 1|contact=sip:{number}@c|private=true"));
  EXPECT_THAT(NumbersIn("name,number,\nA,1,\nB,2,x\n"),
              ElementsAre("2 1|name=A", HasSubstr("3 !there are 3 fields")));
}

TEST(NumberCsvTest, ColumnsWithoutAFieldAreNotSet) {
  EXPECT_THAT(
      NumbersIn("number,name,destination\n1,a,sip:a@b\n2\n3,c\n"),
      ElementsAre("2 1|name=a|destination=sip:a@b", "3 2", "4 3|name=c"));
  // An empty field says that there is nothing; of private it says nothing.
  EXPECT_THAT(NumbersIn("1,,,\n"), ElementsAre("1 1|name=|destination="));
}

TEST(NumberCsvTest, AHeadingThatIsNotUnderstoodStopsTheImport) {
  EXPECT_THAT(NumbersIn("number,nam\n1,a\n"),
              ElementsAre(HasSubstr("1 !the heading names a column \"nam\"")));
  EXPECT_THAT(NumbersIn("Extension,Destination\n1,a\n"),
              ElementsAre(HasSubstr("\"extension\"; the columns are number,")));
  EXPECT_THAT(NumbersIn("name,destination\na,b\n"),
              ElementsAre(HasSubstr("does not name the column \"number\"")));
  EXPECT_THAT(NumbersIn("number,name,name\n1,a,b\n"),
              ElementsAre(HasSubstr("\"name\" twice")));
}

TEST(NumberCsvTest, SemicolonsAndTabsSeparateAsTheFirstLineSays) {
  EXPECT_THAT(NumbersIn("number;name\n1;\"a;b\"\n2;Smith, John\n"),
              ElementsAre("2 1|name=a;b", "3 2|name=Smith, John"));
  EXPECT_THAT(NumbersIn("number\tname\tdestination\r\n1\t\tsip:a@b\r\n"),
              ElementsAre("2 1|name=|destination=sip:a@b"));
  EXPECT_THAT(NumbersIn("1\n2;b\n"), ElementsAre("1 1", "2 2|name=b"));
  EXPECT_THAT(NumbersIn("sep=;\nnumber;name\n1;a\n"),
              ElementsAre("3 1|name=a"));
  EXPECT_THAT(NumbersIn("1;a;sip:a@b;transport=tls;x;y\n"),
              ElementsAre(HasSubstr("quote a field that holds a ;")));
}

TEST(NumberCsvTest, BlankLinesAreSkipped) {
  EXPECT_THAT(NumbersIn("number;name\n;;\n1;a\n \n;\n"),
              ElementsAre("3 1|name=a"));
}

TEST(NumberCsvTest, OtherEncodingsAreRefusedByName) {
  const std::string little("\xFF\xFEn\0u\0m\0\n\0", 10);
  const std::string big("\xFE\xFF\0n\0u\0\n", 8);
  const std::string unmarked("n\0u\0m\0\n\0", 8);
  for (const std::string& text : {little, big, unmarked}) {
    EXPECT_THAT(NumbersIn(text), ElementsAre(HasSubstr("1 !this is UTF-16")));
  }
  EXPECT_THAT(
      NumbersIn("1,a\n2,Zo\xEB\n3,c\n"),
      ElementsAre("1 1|name=a", HasSubstr("2 !this is text in Latin-1")));
}

TEST(NumberCsvTest, PrivateIsAWordForYesOrNo) {
  for (const std::string word : {"true", "YES", "y", "1"}) {
    EXPECT_THAT(NumbersIn("1,a,b," + word),
                ElementsAre("1 1|name=a|destination=b|private=true"));
  }
  for (const std::string word : {"false", "No", "N", "0"}) {
    EXPECT_THAT(NumbersIn("1,a,b," + word),
                ElementsAre("1 1|name=a|destination=b|private=false"));
  }
  EXPECT_THAT(NumbersIn("1,a,b,maybe"), ElementsAre(HasSubstr("maybe")));
}

TEST(NumberCsvTest, ABadLineIsNamedByItsPlaceAndCostsOnlyItself) {
  EXPECT_THAT(
      NumbersIn("1\n\n\"2\n3,a,b,1,d,e\n5\n" + std::string(5000, '6') + "\n7"),
      ElementsAre("1 1", HasSubstr("3 !a quoted field"),
                  HasSubstr("4 !there are 6 fields"), "5 5",
                  HasSubstr("6 !the line is longer"), "7 7"));
}

// Numbers with whatever a name, destination or contact may hold.
v1::Number RandomNumber(std::mt19937& random) {
  const auto text = [&](const std::vector<std::string>& characters) {
    std::string made;
    for (auto left = random() % 12; left > 0; --left) {
      made += characters[random() % characters.size()];
    }
    return std::string(Trim(made));
  };
  v1::Number number;
  number.set_number(std::to_string(random() % 1'000'000));
  number.set_name(text({"a", ",", ";", "\"", " ", "'", "ë", "=", "|", "#"}));
  number.set_destination(text({"a", ",", ";", "\"", "@", ":", "'"}));
  number.set_contact(text({"{number}", ";", "lr", "@", "\""}));
  number.set_private_(random() % 2 == 1);
  return number;
}

TEST(NumberCsvTest, AnExportCanBeImportedAgain) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<v1::Number> numbers;
    std::string text = NumberCsvHeading() + "\n";
    for (int i = 0; i < 10; ++i) {
      numbers.push_back(RandomNumber(random));
      text += NumberCsvLine(numbers.back()) + "\n";
    }
    std::istringstream in(text);
    NumberCsv csv(in);
    for (const v1::Number& number : numbers) {
      v1::ImportNumbersRequest::Entry entry;
      v1::ImportNumbersResponse::Refusal refusal;
      ASSERT_EQ(csv.Next(&entry, &refusal), NumberCsv::Line::kEntry)
          << refusal.message() << " in:\n"
          << text;
      EXPECT_EQ(entry.number().DebugString(), number.DebugString()) << text;
      EXPECT_EQ(entry.update_mask().paths_size(), 4);
    }
  }
}

}  // namespace
}  // namespace interlink::cli
