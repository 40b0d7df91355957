#include "store/internal_number.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace interlink::store {
namespace {

std::string RandomDigits(std::mt19937_64& random) {
  std::string digits;
  const size_t length = 1 + random() % InternalNumber::kMaxDigits;
  // Few different digits, so that one number is often a prefix of another.
  for (size_t i = 0; i < length; ++i) digits += "0019"[random() % 4];
  return digits;
}

TEST(InternalNumberTest, EveryNumberReadsBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::string digits = RandomDigits(random);
    const auto number = InternalNumber::Parse(digits);
    ASSERT_TRUE(number) << digits;
    EXPECT_EQ(number->ToString(), digits);
  }
}

TEST(InternalNumberTest, NumbersOrderAsText) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    const std::string a = RandomDigits(random);
    const std::string b = RandomDigits(random);
    ASSERT_EQ(*InternalNumber::Parse(a) <=> *InternalNumber::Parse(b), a <=> b)
        << a << " " << b;
  }
}

TEST(InternalNumberTest, LeadingZerosCount) {
  EXPECT_NE(InternalNumber::Parse("007"), InternalNumber::Parse("7"));
  EXPECT_NE(InternalNumber::Parse("0"), InternalNumber::Parse("00"));
  EXPECT_EQ(InternalNumber::Parse("007")->ToString(), "007");
}

TEST(InternalNumberTest, OneToFifteenDigitsAreANumber) {
  EXPECT_TRUE(InternalNumber::Parse("0"));
  EXPECT_TRUE(InternalNumber::Parse("999999999999999"));
  EXPECT_FALSE(InternalNumber::Parse(""));
  EXPECT_FALSE(InternalNumber::Parse("1234567890123456"));
}

TEST(InternalNumberTest, AnythingButDigitsIsRefused) {
  for (const std::string bad :
       {"a", "+49", " 1", "1 ", "1*", "#", "1/", "1:", "-1", "1.0"}) {
    EXPECT_FALSE(InternalNumber::Parse(bad)) << bad;
  }
  EXPECT_FALSE(InternalNumber::Parse(std::string("1\0", 2)));
  EXPECT_FALSE(InternalNumber::Parse("\xd9\xa1"));  // An Arabic-Indic one.
}

TEST(InternalNumberTest, ItIsEightBytes) {
  EXPECT_EQ(sizeof(InternalNumber), 8u);
}

}  // namespace
}  // namespace interlink::store
