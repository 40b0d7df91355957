#include "daemon/config/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace interlink::daemon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The settings of a file without mistakes.
std::vector<TomlSetting> SettingsIn(const std::string& text) {
  const TomlFile file = ParseToml(text);
  EXPECT_THAT(file.mistakes, IsEmpty()) << text;
  return file.settings;
}

// The values of a file's only setting.
std::vector<std::string> Values(const std::string& value) {
  const auto settings = SettingsIn("key = " + value);
  std::vector<std::string> values;
  if (settings.size() != 1) return values;
  for (const TomlValue& found : settings.front().values) {
    values.push_back(found.text);
  }
  return values;
}

TEST(TomlTest, ReadsEachKindOfValue) {
  EXPECT_THAT(Values(R"("text")"), ElementsAre("text"));
  EXPECT_THAT(Values(R"('text')"), ElementsAre("text"));
  EXPECT_THAT(Values(R"("")"), ElementsAre(""));
  EXPECT_THAT(Values("-17"), ElementsAre("-17"));
  EXPECT_THAT(Values("true"), ElementsAre("true"));
  EXPECT_THAT(Values("[]"), IsEmpty());
  EXPECT_THAT(Values(R"(["a", 'b', 3,])"), ElementsAre("a", "b", "3"));
}

TEST(TomlTest, TellsTextFromIntegers) {
  const auto settings = SettingsIn("a = \"5\"\nb = '5'\nc = 5\nd = [5, \"6\"]");
  ASSERT_THAT(settings, SizeIs(4));
  EXPECT_TRUE(settings[0].values[0].is_quoted);
  EXPECT_TRUE(settings[1].values[0].is_quoted);
  EXPECT_FALSE(settings[2].values[0].is_quoted);
  EXPECT_FALSE(settings[2].is_array);
  EXPECT_TRUE(settings[3].is_array);
  EXPECT_TRUE(settings[3].values[1].is_quoted);
}

TEST(TomlTest, SignsWithinQuotesAreText) {
  EXPECT_THAT(Values(R"("a # b, [c] = 'd'")"), ElementsAre("a # b, [c] = 'd'"));
  EXPECT_THAT(Values(R"("a \"b\" \\ c")"), ElementsAre(R"(a "b" \ c)"));
  EXPECT_THAT(Values(R"('a "b" \ c')"), ElementsAre(R"(a "b" \ c)"));
}

TEST(TomlTest, CommentsEmptyLinesAndSpaceSayNothing) {
  const auto settings = SettingsIn(
      "# first\r\n"
      "\n"
      "\t a=1# a comment\r\n"
      "b = [ # another\n"
      "  \"x\", # and another\n"
      "\n"
      "  \"y\"\n"
      "] # the last");
  ASSERT_THAT(settings, SizeIs(2));
  EXPECT_EQ(settings[0].key, "a");
  EXPECT_EQ(settings[0].line, 3);
  EXPECT_TRUE(settings[1].is_array);
  EXPECT_THAT(settings[1].values, SizeIs(2));
  EXPECT_EQ(settings[1].line, 4);
  EXPECT_THAT(SettingsIn(""), IsEmpty());
}

struct BadText {
  const char* text;
  const char* what;
  friend void PrintTo(const BadText& bad, std::ostream* out) {
    *out << bad.text;
  }
};

constexpr BadText kBadTexts[] = {
    {"a", "KEY = VALUE"},
    {"= 1", "KEY = VALUE"},
    {"a b = 1", "KEY = VALUE"},
    {"\"a\" = 1", "KEY = VALUE"},
    {"a =", "a value is"},
    {"a = text",
     "line 1, a: text is neither an integer, true nor false, and "
     "text stands in quotes: \"text\""},
    {"a = 1.5", "follows"},
    {"a = -", "stands in quotes"},
    {"a = 1 2", "follows"},
    {"a = \"b\" c", "follows"},
    {"a = \"b", "does not end"},
    {"a = 'b", "does not end"},
    {"a = \"b\\", "only"},
    {"a = \"b\\n\"", "only"},
    {"a = [1", "commas"},
    {"a = [1 2]", "commas"},
    {"a = [1,,2]", "a value is"},
    {"a = [[1]]", "a value is"},
    {"a = \"Gr\xfc\xdf\"", "not UTF-8"},
    {"[a]", "no sections"},
    {"a = 1\na = 2", "already in line 1"},
};

class BadTomlTest : public ::testing::TestWithParam<BadText> {};

TEST_P(BadTomlTest, IsRefusedWithItsLine) {
  EXPECT_THAT(
      ParseToml(GetParam().text).mistakes,
      ElementsAre(AllOf(StartsWith("line "), HasSubstr(GetParam().what))));
}

TEST_P(BadTomlTest, IsOneMistakeBetweenLinesThatAreRead) {
  const TomlFile file = ParseToml("\n\nfirst = 1\n" +
                                  std::string(GetParam().text) + "\nnext = 2");
  EXPECT_THAT(file.mistakes, ElementsAre(StartsWith("line ")));
  ASSERT_FALSE(file.settings.empty());
  EXPECT_EQ(file.settings.front().key, "first");
  EXPECT_EQ(file.settings.back().key, "next");
}

INSTANTIATE_TEST_SUITE_P(All, BadTomlTest, ::testing::ValuesIn(kBadTexts));

TEST(TomlTest, EachBadLineIsAMistakeOfItsOwn) {
  EXPECT_THAT(ParseToml("a\n[b]\nc = d\ne = 1\ne = 2\n").mistakes,
              ElementsAre(StartsWith("line 1: "), StartsWith("line 2: "),
                          StartsWith("line 3, c: "), StartsWith("line 5: ")));
}

// Its other lines are no settings, and would be mistakes for no reason.
TEST(TomlTest, ABrokenArrayIsOneMistake) {
  for (const std::string array :
       {"[\n  \"a\"\n  \"b\",\n  \"c\"\n]", "[\n  a.example,\n  b.example,\n]",
        "[\n  \"a\",\n  \"b\",\n"}) {
    const TomlFile file = ParseToml("list = " + array + "\nnext = [1]\nx\n");
    EXPECT_THAT(file.mistakes,
                ElementsAre(StartsWith("line "), HasSubstr("KEY = VALUE")))
        << array;
    ASSERT_THAT(file.settings, SizeIs(1)) << array;
    EXPECT_EQ(file.settings.front().key, "next");
  }
}

TEST(TomlTest, ReadingEndsAfterTwentyMistakes) {
  std::string text;
  for (int line = 0; line < 1000; ++line) text += "a poem\n";
  const auto mistakes = ParseToml(text).mistakes;
  EXPECT_THAT(mistakes, SizeIs(21));
  EXPECT_EQ(mistakes.back(), "line 21: the file is not read from here on");
}

TEST(TomlTest, AStringWrittenIsReadBack) {
  for (const std::string text : {"", "a", "\"'\\#", "C:\\x", "Größe", "'"}) {
    EXPECT_THAT(Values(TomlString(text)), ElementsAre(text));
  }
}

}  // namespace
}  // namespace interlink::daemon
