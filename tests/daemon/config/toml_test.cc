#include "daemon/config/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The values of a file's only setting.
std::vector<std::string> Values(const std::string& value) {
  const auto settings = ParseToml("key = " + value);
  EXPECT_THAT(settings, IsOk()) << value;
  std::vector<std::string> values;
  if (!settings.ok() || settings->size() != 1) return values;
  for (const TomlValue& found : settings->front().values) {
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
  const auto settings = ParseToml("a = \"5\"\nb = '5'\nc = 5\nd = [5, \"6\"]");
  ASSERT_THAT(settings, IsOk());
  EXPECT_TRUE((*settings)[0].values[0].is_quoted);
  EXPECT_TRUE((*settings)[1].values[0].is_quoted);
  EXPECT_FALSE((*settings)[2].values[0].is_quoted);
  EXPECT_FALSE((*settings)[2].is_array);
  EXPECT_TRUE((*settings)[3].is_array);
  EXPECT_TRUE((*settings)[3].values[1].is_quoted);
}

TEST(TomlTest, SignsWithinQuotesAreText) {
  EXPECT_THAT(Values(R"("a # b, [c] = 'd'")"), ElementsAre("a # b, [c] = 'd'"));
  EXPECT_THAT(Values(R"("a \"b\" \\ c")"), ElementsAre(R"(a "b" \ c)"));
  EXPECT_THAT(Values(R"('a "b" \ c')"), ElementsAre(R"(a "b" \ c)"));
}

TEST(TomlTest, CommentsEmptyLinesAndSpaceSayNothing) {
  const auto settings = ParseToml(
      "# first\r\n"
      "\n"
      "\t a=1# a comment\r\n"
      "b = [ # another\n"
      "  \"x\", # and another\n"
      "\n"
      "  \"y\"\n"
      "] # the last");
  ASSERT_THAT(settings, IsOk());
  ASSERT_EQ(settings->size(), 2u);
  EXPECT_EQ((*settings)[0].key, "a");
  EXPECT_EQ((*settings)[0].line, 3);
  EXPECT_TRUE((*settings)[1].is_array);
  EXPECT_EQ((*settings)[1].values.size(), 2u);
  EXPECT_EQ((*settings)[1].line, 4);
  EXPECT_THAT(ParseToml(""), IsOk());
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
    {"a = text", "a value is"},
    {"a = 1.5", "follows"},
    {"a = -", "a value is"},
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
      ParseToml("\n\nfirst = 1\n" + std::string(GetParam().text)),
      StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("line ")));
  EXPECT_THAT(ParseToml(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("line "), HasSubstr(GetParam().what))));
}

INSTANTIATE_TEST_SUITE_P(All, BadTomlTest, ::testing::ValuesIn(kBadTexts));

TEST(TomlTest, AStringWrittenIsReadBack) {
  for (const std::string text : {"", "a", "\"'\\#", "C:\\x", "Größe", "'"}) {
    EXPECT_THAT(Values(TomlString(text)), ElementsAre(text));
  }
}

}  // namespace
}  // namespace interlink::daemon
