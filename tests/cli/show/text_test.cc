#include "daemon/cli/show/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/cli/show/table.h"
#include "daemon/cli/show/when.h"

namespace interlink::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(TextTest, NothingThatSteersATerminalIsLeft) {
  EXPECT_EQ(Clean("Jo\x1b[31mhn\x07"), "Jo[31mhn");
  EXPECT_EQ(Clean("a\xC2\x9B"
                  "31mb"),
            "a31mb");  // C1: one byte more, the same power.
  EXPECT_EQ(Clean("a\xE2\x80\xAE"
                  "b"),
            "ab");  // Right-to-left override.
  EXPECT_EQ(Clean("a\r\nb\tc\x7F"), "a b c");
  EXPECT_EQ(Clean(std::string("a\0b", 3)), "ab");
}

TEST(TextTest, WhatIsNotUtf8IsDroppedAndTheRestStays) {
  EXPECT_EQ(Clean("a\xFFz\xC3"), "az");
  EXPECT_EQ(Clean("\xC0\xAFx"), "x");      // Overlong "/".
  EXPECT_EQ(Clean("\xED\xA0\x80y"), "y");  // A surrogate.
  EXPECT_EQ(Clean("Zoë ☎ 👍"), "Zoë ☎ 👍");
  EXPECT_TRUE(IsUtf8("Zoë ☎ 👍"));
  EXPECT_FALSE(IsUtf8("a\xFF"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));  // Beyond U+10FFFF.
}

TEST(TextTest, OfAKeyOnlyItsBeginningIsLeft) {
  EXPECT_EQ(WithoutKeys("no \"ilk1_Ab-_9\" here, ilk1_x."),
            "no \"ilk1_...\" here, ilk1_....");
  EXPECT_EQ(WithoutKeys("one begins with ilk1_; ilk1_"),
            "one begins with ilk1_; ilk1_");
}

TEST(TextTest, WidthCountsColumnsAndNotBytes) {
  EXPECT_EQ(Width("Zoë"), 3U);
  EXPECT_EQ(Width("Zoe\u0308"), 3U);  // The dots are a character of their own.
  EXPECT_EQ(Width("大阪 👍"), 7U);
  EXPECT_EQ(Width("● → …"), 5U);
  EXPECT_EQ(PadTo("Zoë", 5), "Zoë  ");
  EXPECT_EQ(PadTo("longer", 3), "longer");
}

TEST(TextTest, CountsAgreeWithTheirNoun) {
  EXPECT_EQ(Count(1, "line"), "1 line");
  EXPECT_EQ(Count(0, "line"), "0 lines");
}

TEST(TableTest, ColumnsAreAlignedAndLinesEndWithoutSpaces) {
  Table table({"NAME", "STATE"}, "  ");
  table.AddRow({"Zoë", "connected"}, "* ");
  table.AddNote("trouble");
  table.AddRow({"Mike Brown", ""}, "* ");
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "  NAME        STATE\n"
            "* Zoë         connected\n"
            "    trouble\n"
            "* Mike Brown\n");
}

TEST(TableTest, ANoteIsContinuedWhereATerminalEnds) {
  Table table({"NAME"});
  std::string note;
  for (int i = 0; i < 40; ++i) note += "word ";
  table.AddNote(note + std::string(100, 'x'));
  std::ostringstream out;
  table.Print(out);
  std::istringstream lines(out.str());
  std::vector<size_t> widths;
  for (std::string line; std::getline(lines, line);) {
    widths.push_back(line.size());
  }
  EXPECT_EQ(widths, (std::vector<size_t>{4, 78, 78, 53, 104}));
}

TEST(WhenTest, ARemainingSpanIsRoundedToTheNearestUnit) {
  EXPECT_EQ(SpanLeftInWords(hours(7 * 24) - seconds(1)), "7 days");
  EXPECT_EQ(SpanLeftInWords(hours(12) - seconds(1)), "12 hours");
  EXPECT_EQ(SpanLeftInWords(minutes(30) - seconds(1)), "30 minutes");
  EXPECT_EQ(SpanLeftInWords(hours(24) - seconds(1)), "1 day");
  EXPECT_EQ(SpanLeftInWords(hours(1) - seconds(1)), "1 hour");
  EXPECT_EQ(SpanLeftInWords(seconds(59)), "59 s");
  EXPECT_EQ(SpanLeftInWords(seconds(-3)), "0 s");
}

TEST(WhenTest, KeyLivesAreNumbersWithAUnitOrNever) {
  EXPECT_EQ(ParseKeyLife("never"), seconds(0));
  EXPECT_EQ(ParseKeyLife("90s"), seconds(90));
  EXPECT_EQ(ParseKeyLife("30m"), minutes(30));
  EXPECT_EQ(ParseKeyLife("12h"), hours(12));
  EXPECT_EQ(ParseKeyLife("7d"), hours(168));
  EXPECT_EQ(ParseKeyLife("2w"), hours(336));
}

TEST(WhenTest, TextThatIsNoKeyLifeIsRefused) {
  for (const std::string text :
       {"", "d", "7", "7 d", "-7d", "+7d", "7.5d", "7D", "7dd", "7x", "Never",
        "1234567d", "99999999999999999999d"}) {
    EXPECT_EQ(ParseKeyLife(text), std::nullopt) << text;
  }
  // Zero would reach the daemon as "never".
  EXPECT_EQ(ParseKeyLife("0d"), std::nullopt);
}

TEST(WhenTest, SpansReadInTheirLargestUnit) {
  EXPECT_EQ(SpanInWords(seconds(-5)), "0 s");
  EXPECT_EQ(SpanInWords(seconds(59)), "59 s");
  EXPECT_EQ(SpanInWords(seconds(60)), "1 minute");
  EXPECT_EQ(SpanInWords(seconds(7199)), "1 hour");
  EXPECT_EQ(SpanInWords(hours(49)), "2 days");
}

TEST(WhenTest, AnotherDayIsNamedByItsDate) {
  const Time now = Time(hours(24 * 20000 + 12));
  EXPECT_EQ(ClockTime(now - minutes(1), now).size(),
            std::string("11:59:00").size());
  EXPECT_EQ(ClockTime(now - hours(72), now).size(),
            std::string("2024-10-01 12:00:00").size());
}

}  // namespace
}  // namespace interlink::cli
