#include "store/ids.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <type_traits>

namespace interlink::store {
namespace {

constexpr char kHex[] = "000102030405060708090a0b0c0d0eff";

std::string Random16(std::mt19937_64& random) {
  std::string bytes;
  for (size_t i = 0; i < InterlinkId::kSize; ++i) {
    bytes += static_cast<char>(random());
  }
  return bytes;
}

TEST(IdTest, HexAndBytesAreTheSameId) {
  const auto id = InterlinkId::FromHex(kHex);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToHex(), kHex);
  EXPECT_EQ(id->ToBytes(), std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16"
                                       "\xff",
                                       16));
  EXPECT_EQ(InterlinkId::FromBytes(id->ToBytes()), id);
}

TEST(IdTest, EveryIdReadsBackFromBothForms) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto id = AccountId::FromBytes(Random16(random));
    ASSERT_TRUE(id);
    EXPECT_EQ(AccountId::FromHex(id->ToHex()), id);
    EXPECT_EQ(AccountId::FromBytes(id->ToBytes()), id);
  }
}

TEST(IdTest, HexOrdersAsTheId) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    const auto a = *AccountId::FromBytes(Random16(random));
    const auto b = *AccountId::FromBytes(Random16(random));
    EXPECT_EQ(a < b, a.ToHex() < b.ToHex());
  }
}

TEST(IdTest, OnlyThirtyTwoLowerCaseDigitsAreHex) {
  const std::string hex = kHex;
  EXPECT_FALSE(InterlinkId::FromHex(""));
  EXPECT_FALSE(InterlinkId::FromHex(hex.substr(1)));
  EXPECT_FALSE(InterlinkId::FromHex(hex + "0"));
  EXPECT_FALSE(InterlinkId::FromHex(hex.substr(2) + "FF"));
  for (char bad : {'g', '/', ':', '`', ' ', '\0'}) {
    EXPECT_FALSE(InterlinkId::FromHex(hex.substr(1) + bad)) << bad;
  }
}

TEST(IdTest, OnlySixteenBytesAreAnId) {
  for (size_t size : {0, 1, 15, 17, 32}) {
    EXPECT_FALSE(InterlinkId::FromBytes(std::string(size, 'x'))) << size;
  }
}

TEST(IdTest, TheDefaultIsZero) {
  EXPECT_EQ(RedeemId().ToHex(), std::string(32, '0'));
  EXPECT_NE(RedeemId::FromHex(kHex), RedeemId());
}

TEST(IdTest, TheKindsAreDifferentTypes) {
  EXPECT_FALSE((std::is_convertible_v<AccountId, InterlinkId>));
  EXPECT_FALSE((std::is_constructible_v<InterlinkId, RedeemId>));
}

}  // namespace
}  // namespace interlink::store
