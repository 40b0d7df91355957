#include "federation/base/token_bucket.h"

#include <gtest/gtest.h>

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

constexpr SteadyTime kStart{1h};

TEST(TokenBucketTest, HoldsABurstAndThenTheRate) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.Take(kStart + 99ms));
  EXPECT_TRUE(bucket.Take(kStart + 101ms));
  EXPECT_FALSE(bucket.Take(kStart + 101ms));
}

TEST(TokenBucketTest, IsNeverFullerThanFull) {
  TokenBucket bucket(10, 3);
  EXPECT_TRUE(bucket.IsFull(kStart));
  EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.IsFull(kStart));
  EXPECT_TRUE(bucket.IsFull(kStart + 24h));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(kStart + 24h));
  EXPECT_FALSE(bucket.Take(kStart + 24h));
}

TEST(TokenBucketTest, LookingTakesNothing) {
  TokenBucket bucket(1, 1);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(bucket.HasToken(kStart));
  EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.HasToken(kStart));
}

TEST(TokenBucketTest, SaysHowLongTheNextTokenTakes) {
  TokenBucket bucket(10, 2);
  EXPECT_EQ(bucket.Wait(kStart), 0ms);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_GT(bucket.Wait(kStart), 99ms);
  EXPECT_LE(bucket.Wait(kStart), 101ms);
  const Duration wait = bucket.Wait(kStart + 30ms);
  EXPECT_LE(wait, 71ms);
  EXPECT_TRUE(bucket.Take(kStart + 30ms + wait));
}

}  // namespace
}  // namespace interlink::federation
