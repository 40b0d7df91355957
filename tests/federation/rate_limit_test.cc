#include "federation/rate_limit.h"

#include <gtest/gtest.h>

#include <string>

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

constexpr SteadyTime kStart{1h};

std::string Host(int i) { return "host" + std::to_string(i); }

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

TEST(RedeemLimiterTest, HonestRedeemersAreNeverHeldUp) {
  RedeemLimiter limiter(5, 20);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limiter.Allows("10.0.0.1:" + std::to_string(i), kStart));
  }
}

// Each connection has a port of its own.
TEST(RedeemLimiterTest, ASourceIsAHostWhateverItsPort) {
  RedeemLimiter limiter(5, 0);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limiter.Allows("[2001:db8::1]:1", kStart));
    limiter.Charge("[2001:db8::1]:" + std::to_string(i), kStart);
  }
  EXPECT_FALSE(limiter.Allows("[2001:db8::1]:99", kStart));
  EXPECT_TRUE(limiter.Allows("[2001:db8::2]:99", kStart));
  EXPECT_FALSE(limiter.Allows("[2001:db8::1]:99", kStart + 11s));
  EXPECT_TRUE(limiter.Allows("[2001:db8::1]:99", kStart + 13s));
}

TEST(RedeemLimiterTest, AllSourcesTogetherHaveALimitToo) {
  RedeemLimiter limiter(5, 20);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(limiter.Allows(Host(i) + ":1", kStart));
    limiter.Charge(Host(i) + ":1", kStart);
  }
  EXPECT_FALSE(limiter.Allows("another:1", kStart));
  EXPECT_TRUE(limiter.Allows("another:1", kStart + 51ms));
}

TEST(RedeemLimiterTest, ZeroIsNoLimit) {
  RedeemLimiter limiter(0, 0);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limiter.Allows("host:1", kStart));
    limiter.Charge("host:1", kStart);
  }
}

TEST(RedeemLimiterTest, AFloodOfSourcesDoesNotFreeAGuesser) {
  RedeemLimiter limiter(1, 0);
  limiter.Charge("guesser:1", kStart);
  for (size_t i = 0; i < RedeemLimiter::kMaxSources; ++i) {
    limiter.Charge(Host(static_cast<int>(i)) + ":1", kStart);
  }
  EXPECT_FALSE(limiter.Allows("guesser:1", kStart));
  // Forgotten ones make room.
  limiter.Charge("late:1", kStart + 1h);
  EXPECT_FALSE(limiter.Allows("late:1", kStart + 1h));
  EXPECT_TRUE(limiter.Allows("guesser:1", kStart + 1h));
}

}  // namespace
}  // namespace interlink::federation
