#include "federation/routing/admitted_tokens.h"

#include <gtest/gtest.h>

namespace interlink::federation {
namespace {

CallToken TokenAt(uint32_t clock, uint32_t random) {
  return CallToken::Mint("key", store::InterlinkId(),
                         *store::InternalNumber::Parse("201"), clock, random);
}

TEST(AdmittedTokensTest, EachTokenIsCountedByItself) {
  AdmittedTokens tokens;
  for (int i = 0; i < kMostAdmissions; ++i) tokens.Add(TokenAt(100, 1), "");
  tokens.Add(TokenAt(100, 2), "");
  EXPECT_TRUE(tokens.IsUsedUp(TokenAt(100, 1)));
  EXPECT_FALSE(tokens.IsUsedUp(TokenAt(100, 2)));
  EXPECT_TRUE(tokens.Has(TokenAt(100, 2)));
  EXPECT_FALSE(tokens.Has(TokenAt(100, 3)));
  EXPECT_FALSE(tokens.IsUsedUp(TokenAt(100, 3)));
}

TEST(AdmittedTokensTest, EachAdmissionCountsAndEachCallIsKnown) {
  AdmittedTokens tokens;
  const CallToken token = TokenAt(100, 1);
  for (int i = 0; i < kMostAdmissions; ++i) {
    EXPECT_FALSE(tokens.IsUsedUp(token)) << i;
    tokens.Add(token, i < 2 ? "a" : std::to_string(i));
  }
  EXPECT_TRUE(tokens.IsUsedUp(token));
  EXPECT_TRUE(tokens.HasCall(token, "a"));
  EXPECT_TRUE(tokens.HasCall(token, "7"));
  EXPECT_FALSE(tokens.HasCall(token, "b"));
  EXPECT_FALSE(tokens.HasCall(TokenAt(100, 2), "a"));
}

TEST(AdmittedTokensTest, ACallWithoutAnIdIsLikeNoOther) {
  AdmittedTokens tokens;
  tokens.Add(TokenAt(100, 1), "");
  EXPECT_FALSE(tokens.HasCall(TokenAt(100, 1), ""));
}

TEST(AdmittedTokensTest, WhatIsTooOldIsForgottenAndNothingElse) {
  AdmittedTokens tokens;
  tokens.Add(TokenAt(255, 9), "");
  tokens.Add(TokenAt(256, 1), "");
  tokens.Add(TokenAt(0x8000'0000, 1), "");
  tokens.ForgetBefore(256);
  EXPECT_FALSE(tokens.Has(TokenAt(255, 9)));
  EXPECT_TRUE(tokens.Has(TokenAt(256, 1)));
  EXPECT_TRUE(tokens.Has(TokenAt(0x8000'0000, 1)));
  EXPECT_TRUE(tokens.IsForgotten(TokenAt(255, 1)));
  EXPECT_FALSE(tokens.IsForgotten(TokenAt(256, 2)));
  tokens.ForgetBefore(100);
  EXPECT_TRUE(tokens.IsForgotten(TokenAt(255, 1))) << "it stays forgotten";
}

TEST(AdmittedTokensTest, ItIsFullBeforeItIsLarge) {
  AdmittedTokens tokens;
  for (uint32_t i = 0; i < AdmittedTokens::kMost; ++i) {
    ASSERT_FALSE(tokens.IsFull());
    tokens.Add(TokenAt(100, i), "");
  }
  EXPECT_TRUE(tokens.IsFull());
}

}  // namespace
}  // namespace interlink::federation
