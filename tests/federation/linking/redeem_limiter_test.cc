#include "federation/linking/redeem_limiter.h"

#include <gtest/gtest.h>

#include <string>

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

constexpr SteadyTime kStart{1h};

std::string HostNumbered(int i) { return "host" + std::to_string(i); }

// Each connection has a port of its own, and each host a /64 of addresses.
TEST(RedeemLimiterTest, ASourceIsANetworkWhateverItsPort) {
  RedeemLimiter limiter(5, 0);
  for (int i = 0; i < 5; ++i) {
    const std::string source =
        "[2001:db8::" + std::to_string(i) + "]:" + std::to_string(1000 + i);
    EXPECT_FALSE(limiter.Charge(source, kStart)) << source;
  }
  EXPECT_TRUE(limiter.Charge("[2001:db8::ffff:1:2:3]:99", kStart));
  EXPECT_FALSE(limiter.Charge("[2001:db8:0:1::1]:99", kStart));
  EXPECT_TRUE(limiter.Charge("[2001:db8::1]:99", kStart + 11s));
  EXPECT_FALSE(limiter.Charge("[2001:db8::1]:99", kStart + 13s));
}

TEST(RedeemLimiterTest, AnIpv4AddressIsOneSourceHoweverItIsWritten) {
  RedeemLimiter limiter(1, 0);
  EXPECT_FALSE(limiter.Charge("[::ffff:192.0.2.1]:1", kStart));
  EXPECT_TRUE(limiter.Charge("[::ffff:192.0.2.1]:2", kStart));
  EXPECT_TRUE(limiter.Charge("192.0.2.1:3", kStart));
  EXPECT_FALSE(limiter.Charge("192.0.2.2:1", kStart));
  EXPECT_TRUE(limiter.Charge("[::ffff:192.0.2.2]:1", kStart));
  EXPECT_FALSE(limiter.Charge("[::ffff:192.0.2.3]:1", kStart));
}

TEST(RedeemLimiterTest, AllSourcesTogetherHaveALimitToo) {
  RedeemLimiter limiter(5, 20);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(limiter.Charge(HostNumbered(i) + ":1", kStart));
  }
  const auto excess = limiter.Charge("another:1", kStart);
  ASSERT_TRUE(excess);
  EXPECT_TRUE(excess->is_in_all);
  EXPECT_GT(excess->wait, 49ms);
  EXPECT_LE(excess->wait, 51ms);
  EXPECT_FALSE(limiter.Charge("another:1", kStart + excess->wait));
}

TEST(RedeemLimiterTest, OneSourceCannotUseUpWhatAllHave) {
  RedeemLimiter limiter(5, 20);
  for (int i = 0; i < 1000; ++i) limiter.Charge("guesser:1", kStart);
  const auto excess = limiter.Charge("guesser:1", kStart);
  ASSERT_TRUE(excess);
  EXPECT_FALSE(excess->is_in_all);
  EXPECT_GT(excess->wait, 11s);
  EXPECT_LE(excess->wait, 12001ms);
  for (int i = 0; i < 15; ++i) {
    EXPECT_FALSE(limiter.Charge(HostNumbered(i) + ":1", kStart));
  }
}

TEST(RedeemLimiterTest, ZeroIsNoLimit) {
  RedeemLimiter limiter(0, 0);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(limiter.Charge("host:1", kStart));
  }
}

TEST(RedeemLimiterTest, ANewLimitHoldsAtOnceAndTheSameOneForgetsNothing) {
  RedeemLimiter limiter(1, 0);
  EXPECT_FALSE(limiter.Charge("192.0.2.1:1", kStart));
  limiter.LimitSources(1);
  EXPECT_TRUE(limiter.Charge("192.0.2.1:1", kStart));
  limiter.LimitSources(2);
  EXPECT_FALSE(limiter.Charge("192.0.2.1:1", kStart));
  EXPECT_FALSE(limiter.Charge("192.0.2.1:1", kStart));
  EXPECT_TRUE(limiter.Charge("192.0.2.1:1", kStart));
}

TEST(RedeemLimiterTest, AFloodOfSourcesDoesNotFreeAGuesser) {
  RedeemLimiter limiter(1, 0);
  limiter.Charge("guesser:1", kStart);
  for (size_t i = 0; i < RedeemLimiter::kMaxSources; ++i) {
    limiter.Charge(HostNumbered(static_cast<int>(i)) + ":1", kStart);
  }
  EXPECT_TRUE(limiter.Charge("guesser:1", kStart));
  // Forgotten sources make room.
  EXPECT_FALSE(limiter.Charge("late:1", kStart + 1h));
  EXPECT_TRUE(limiter.Charge("late:1", kStart + 1h));
  EXPECT_FALSE(limiter.Charge("guesser:1", kStart + 1h));
}

}  // namespace
}  // namespace interlink::federation
