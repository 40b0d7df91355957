#include "federation/routing/call_token.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

// The values were computed with Python's hmac, hashlib and base64.b32encode,
// after RFC 5869 and RFC 4648, from the bytes 0 to 31 as call secret and 16
// bytes of 0x11 as interlink_id.
constexpr char kKeyHex[] =
    "1737ca49d7352ce93823d1104887f9c87b7332c48ad3c4e7c807632a8826707f";

std::string Secret() {
  std::string secret;
  for (char c = 0; c < 32; ++c) secret += c;
  return secret;
}

const store::InterlinkId kLink =
    *store::InterlinkId::FromBytes(std::string(16, '\x11'));
const store::InterlinkId kOtherLink =
    *store::InterlinkId::FromBytes(std::string(16, '\x12'));

std::string Key() { return CallKey(Secret(), kLink); }

struct Golden {
  const char* name;
  const char* number;
  uint32_t clock;
  uint32_t random;
  const char* text;

  friend void PrintTo(const Golden& golden, std::ostream* out) {
    *out << golden.name;
  }
};

constexpr Golden kGolden[] = {
    {"Usual", "201", 1764180000, 0x01020304,
     "il-201-b3mvbbdje5acaaicamcaa4boj2lxaoyyy2bof5i"},
    {"LeadingZeros", "007", 0, 0,
     "il-007-b3mvbbaaaaaaaaaaaaapybbgn2w2ecuwia27atq"},
    {"Longest", "123456789012345", 0xffffffff, 0xffffffff,
     "il-123456789012345-b3mvbbh7777777777774ene3dg3px34mkqq4i6i"},
};

class CallTokenGoldenTest : public ::testing::TestWithParam<Golden> {
 protected:
  static CallToken Mint() {
    const auto number = *store::InternalNumber::Parse(GetParam().number);
    return CallToken::Mint(Key(), kLink, number, GetParam().clock,
                           GetParam().random);
  }
};

TEST_P(CallTokenGoldenTest, TheTextIsAsPublished) {
  EXPECT_EQ(Mint().ToText(), GetParam().text);
}

TEST_P(CallTokenGoldenTest, TheTextIsReadBack) {
  const auto token = CallToken::Parse(GetParam().text);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->number().ToString(), GetParam().number);
  EXPECT_EQ(token->clock(), GetParam().clock);
  EXPECT_EQ(token->tag(), CallToken::TagOf(kLink));
  EXPECT_EQ(token->bytes(), Mint().bytes());
  EXPECT_TRUE(token->IsMintedWith(Key(), kLink));
}

TEST_P(CallTokenGoldenTest, EveryPbxLeavesItAsItIs) {
  const std::string text = Mint().ToText();
  EXPECT_LE(text.size(), 58u);
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, CallTokenGoldenTest, ::testing::ValuesIn(kGolden),
                         [](const auto& golden) { return golden.param.name; });

TEST(CallTokenTest, TheKeyIsHkdfOfTheSecretAndTheLink) {
  EXPECT_EQ(absl::BytesToHexString(Key()), kKeyHex);
  EXPECT_NE(CallKey(Secret(), kOtherLink), Key());
}

TEST(CallTokenTest, UpperCaseIsTheSameToken) {
  const auto token = CallToken::Parse(absl::AsciiStrToUpper(kGolden[0].text));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->ToText(), kGolden[0].text);
}

TEST(CallTokenTest, AnyCharacterThatIsChangedIsNoticed) {
  const std::string text = kGolden[0].text;
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'a', 'b', '7', '2', '0', '-', '%', ' ', '\0'}) {
      std::string other = text;
      if (other[i] == c) continue;
      other[i] = c;
      const auto token = CallToken::Parse(other);
      EXPECT_FALSE(token && token->IsMintedWith(Key(), kLink)) << other;
    }
  }
}

TEST(CallTokenTest, WhatIsLongerOrShorterIsNone) {
  const std::string text = kGolden[0].text;
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(CallToken::Parse(text.substr(0, size))) << size;
    EXPECT_FALSE(CallToken::Parse(text.substr(size + 1))) << size;
  }
  EXPECT_FALSE(CallToken::Parse(text + "a"));
  EXPECT_FALSE(CallToken::Parse("il--" + text.substr(7)));
  EXPECT_FALSE(CallToken::Parse("il-1234567890123456-" + text.substr(7)));
  EXPECT_FALSE(CallToken::Parse("201"));
}

TEST(CallTokenTest, SpareBitsAreZeroSoThatATokenHasOneText) {
  std::string text = kGolden[0].text;
  ASSERT_EQ(text.back(), 'i');  // 01000: the last three bits are spare.
  for (const char c : {'j', 'k', 'l', 'm', 'n', 'o', 'p'}) {
    text.back() = c;
    EXPECT_FALSE(CallToken::Parse(text)) << c;
  }
}

TEST(CallTokenTest, AnotherLinkOrKeyOrNumberDoesNotFit) {
  const auto token = *CallToken::Parse(kGolden[0].text);
  EXPECT_FALSE(token.IsMintedWith(Key(), kOtherLink));
  EXPECT_FALSE(token.IsMintedWith(CallKey(Secret(), kOtherLink), kLink));
  EXPECT_FALSE(token.IsMintedWith("", kLink));
  std::string other = kGolden[0].text;
  other[5] = '2';  // "202"
  EXPECT_FALSE(CallToken::Parse(other)->IsMintedWith(Key(), kLink));
}

}  // namespace
}  // namespace interlink::federation
