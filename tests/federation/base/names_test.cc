#include "federation/base/names.h"

#include <gtest/gtest.h>

#include <string>

#include "federation/base/address.h"
#include "federation/base/contact_template.h"
#include "tests/federation/reason_matcher.h"

namespace interlink::federation {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::Refuses;

std::string Times(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

const std::string kBadUtf8[] = {
    "\x80",                  // A continuation alone.
    "\xc3",                  // Cut short.
    "\xe2\x82",              // Cut short.
    "\xf0\x9f\x98",          // Cut short.
    "\xc3(",                 // Followed by something else.
    "\xc0\xaf",              // Overlong '/'.
    "\xc1\xbf",              // Overlong.
    "\xe0\x80\xaf",          // Overlong.
    "\xe0\x9f\xbf",          // Overlong.
    "\xf0\x80\x80\xaf",      // Overlong.
    "\xf0\x8f\xbf\xbf",      // Overlong.
    "\xed\xa0\x80",          // A surrogate, U+D800.
    "\xed\xbf\xbf",          // A surrogate, U+DFFF.
    "\xf4\x90\x80\x80",      // Beyond U+10FFFF.
    "\xf5\x80\x80\x80",      // Beyond U+10FFFF.
    "\xf8\x88\x80\x80\x80",  // Five bytes.
    "\xfe",
    "\xff",
};

const std::string kControls[] = {
    std::string(1, '\0'), "\x01", "\x1b[31m", "\x7f",
    "\xc2\x80",      // U+0080.
    "\xc2\x85",      // U+0085, next line.
    "\xc2\x9f",      // U+009F.
    "\xd8\x9c",      // U+061C, Arabic letter mark.
    "\xe2\x80\x8e",  // U+200E, left-to-right mark.
    "\xe2\x80\x8f",  // U+200F.
    "\xe2\x80\xa8",  // U+2028, line separator.
    "\xe2\x80\xa9",  // U+2029.
    "\xe2\x80\xaa",  // U+202A, embedding.
    "\xe2\x80\xae",  // U+202E, override.
    "\xe2\x81\xa6",  // U+2066, isolate.
    "\xe2\x81\xa9",  // U+2069.
};

const std::string kGood[] = {
    "a",
    "John Smith",
    "Gr\xc3\xbcn",                       // Two bytes a character.
    "\xe6\x9d\xb1\xe4\xba\xac",          // Three.
    "\xf0\x9f\x98\x80",                  // Four.
    "\xed\x9f\xbf",                      // U+D7FF, before the surrogates.
    "\xee\x80\x80",                      // U+E000, after them.
    "\xf4\x8f\xbf\xbf",                  // U+10FFFF.
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",  // Right to left by itself.
    "a\"b'c\\d<e>",
};

TEST(ParseNameTest, WellFormedTextIsTakenAsItIs) {
  for (const std::string& name : kGood) {
    auto parsed = ParseName(name, "the name");
    ASSERT_THAT(parsed, IsOk());
    EXPECT_EQ(*parsed, name);
  }
}

TEST(ParseNameTest, DamagedTextAndControlCharactersAreRefused) {
  for (const std::string& bad : kBadUtf8) {
    EXPECT_THAT(ParseName("a" + bad + "b", "the name"),
                Refuses(Reason::kNameInvalid))
        << ::testing::PrintToString(bad);
    EXPECT_THAT(ParseName("a" + bad, "the name"),
                Refuses(Reason::kNameInvalid));
  }
  for (const std::string& bad : kControls) {
    EXPECT_THAT(ParseName("a" + bad + "b", "the name"),
                Refuses(Reason::kNameInvalid))
        << ::testing::PrintToString(bad);
  }
  EXPECT_THAT(ParseName("two\nlines", "the name"),
              Refuses(Reason::kNameInvalid));
  EXPECT_THAT(ParseName("a\tb", "the name"), Refuses(Reason::kNameInvalid));
}

TEST(ParseNameTest, SpaceAroundANameIsNotPartOfIt) {
  auto parsed = ParseName(" \t\r\n John  Smith \n", "the name");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, "John Smith");
}

TEST(ParseNameTest, SpacesWithinANameBecomeOne) {
  // A no-break space, an em space and an ideographic space.
  auto parsed =
      ParseName("\xc2\xa0 a \xe2\x80\x83 b\xe3\x80\x80 c ", "the name");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, "a b c");
  EXPECT_THAT(ParseName("a" + Times(" ", 200) + "b", "the name"), IsOk());
}

TEST(ParseNameTest, ANameThatShowsNothingIsNone) {
  for (const std::string& nothing : std::vector<std::string>{
           "\xe2\x80\x8b",                          // Zero width space.
           "\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf",  // Joiners, a mark.
           "\xc2\xad",                              // Soft hyphen.
           "\xcc\x81",                              // An accent alone.
           "\xe3\x85\xa4", "\xef\xbe\xa0",          // Hangul fillers.
           "\xe2\xa0\x80",                          // Braille blank.
           "\xf3\xa0\x81\x81",                      // A tag.
           "\xe2\x80\x8b \xe2\x80\x8b"}) {
    EXPECT_THAT(ParseName(nothing, "the name"),
                Refuses(Reason::kNameInvalid, HasSubstr("shows nothing")))
        << ::testing::PrintToString(nothing);
    EXPECT_THAT(ParseName(nothing + "a", "the name"), IsOk());
  }
  EXPECT_THAT(ParseName("\xc2\xa0\xe3\x80\x80", "the name"),
              Refuses(Reason::kNameInvalid));
}

TEST(ParseNameTest, AKeyIsNoName) {
  EXPECT_THAT(ParseName("ilk1_ChAAESIz", "the name"),
              Refuses(Reason::kNameInvalid, HasSubstr("a secret")));
}

TEST(FoldedNameTest, WhatPeopleTakeForOneNameIsOne) {
  EXPECT_EQ(FoldedName("John Smith"), FoldedName("JOHN  smith"));
  EXPECT_EQ(FoldedName("Zo\xc3\xab"), FoldedName("ZOE\xcc\x88"));
  EXPECT_EQ(FoldedName("Stra\xc3\x9f"
                       "e"),
            FoldedName("STRASSE"));
  EXPECT_EQ(FoldedName("\xce\xa3\xce\xaf"), FoldedName("\xcf\x83\xce\x8a"));
  EXPECT_EQ(FoldedName("a\xe2\x80\x8b"
                       "b"),
            FoldedName("ab"));
  EXPECT_NE(FoldedName("John"), FoldedName("Jon"));
  EXPECT_NE(FoldedName("Zoe"), FoldedName("Zo\xc3\xab"));
  EXPECT_EQ(FoldedName("\xff"), "\xff");
}

TEST(ParseNameTest, CharactersCountAndNotBytes) {
  const std::string character = "\xf0\x9f\x98\x80";
  EXPECT_THAT(ParseName(Times(character, 64), "the name"), IsOk());
  EXPECT_THAT(ParseName(" " + Times(character, 64) + " ", "the name"), IsOk());
  EXPECT_THAT(ParseName(Times(character, 65), "the name of a number"),
              Refuses(Reason::kNameInvalid,
                      HasSubstr("the name of a number must have 1 to 64")));
  EXPECT_THAT(ParseName(std::string(1 << 20, 'x'), "the name"),
              Refuses(Reason::kNameInvalid));
}

TEST(ParseNameTest, ANameIsNotEmpty) {
  for (const char* empty : {"", " \n\t "}) {
    EXPECT_THAT(ParseName(empty, "the name"),
                Refuses(Reason::kNameInvalid,
                        HasSubstr("a name of 1 to 64 characters is needed")));
  }
}

TEST(ShownNameTest, FitCharactersAreKept) {
  for (const std::string& name : kGood) EXPECT_EQ(ShownName(name), name);
}

TEST(ShownNameTest, UnfitCharactersAreDropped) {
  for (const std::string& bad : kControls) {
    if (bad[0] == '\x1b') continue;  // What follows it is shown.
    EXPECT_EQ(ShownName("a" + bad + "b"), "ab");
  }
  EXPECT_EQ(ShownName("\x1b[31mred"), "[31mred");
  EXPECT_EQ(ShownName("a\x80\xff"
                      "b"),
            "ab");
  EXPECT_EQ(ShownName("a\xc3"), "a");
  EXPECT_EQ(ShownName(""), "");
  for (const std::string& bad : kBadUtf8) {
    EXPECT_TRUE(ParseName("x" + ShownName(bad), "the name").ok());
  }
}

TEST(ShownNameTest, IsCutAt64Characters) {
  const std::string character = "\xe6\x9d\xb1";
  EXPECT_EQ(ShownName(Times(character, 100)), Times(character, 64));
}

// An error's sentence did not fit into a name.
TEST(ShownSentenceTest, IsCutAt512Characters) {
  EXPECT_EQ(ShownSentence(std::string(600, 'x')), std::string(512, 'x'));
  const std::string sentence(500, 'x');
  EXPECT_EQ(ShownSentence("\x1b" + sentence + "\n"), sentence);
}

TEST(ParseNumberTest, HasOneToFifteenDigits) {
  for (const char* good : {"0", "7", "007", "123456789012345"}) {
    auto number = ParseNumber(good);
    ASSERT_THAT(number, IsOk());
    EXPECT_EQ(number->ToString(), good);
  }
  for (const char* bad : {"", "1234567890123456", "+1", "1 ", " 1", "1a", "-1",
                          "*72", "\xd9\xa1"}) {
    EXPECT_THAT(ParseNumber(bad), Refuses(Reason::kNumberInvalid)) << bad;
  }
}

TEST(ParseNumberTest, WhatIsEmptyIsNotQuoted) {
  for (const char* empty : {"", " \t"}) {
    EXPECT_THAT(
        ParseNumber(empty),
        Refuses(Reason::kNumberInvalid,
                ::testing::EndsWith("a number of 1 to 15 digits is needed")));
  }
}

TEST(ParseNumberTest, ARefusalQuotesTheBeginning) {
  EXPECT_THAT(ParseNumber("20x"),
              Refuses(Reason::kNumberInvalid, HasSubstr("this is \"20x\"")));
  EXPECT_THAT(ParseNumber(std::string(200, '1')),
              Refuses(Reason::kNumberInvalid,
                      HasSubstr("\"" + std::string(24, '1') + "\"")));
}

}  // namespace
}  // namespace interlink::federation
