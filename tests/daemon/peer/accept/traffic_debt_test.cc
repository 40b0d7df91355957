#include "daemon/peer/accept/traffic_debt.h"

#include <gtest/gtest.h>

#include "daemon/peer/accept/source_strikes.h"

namespace interlink::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const federation::SteadyTime kStart{std::chrono::hours(1)};

TEST(TrafficDebtTest, UnpaidBytesAreSoonTooMuch) {
  TrafficDebt debt(kStart);
  debt.Charge(TrafficDebt::kMost, 0, kStart);
  EXPECT_FALSE(debt.IsTooMuch());
  debt.Charge(1024, 0, kStart);
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(TrafficDebtTest, APeerWhoseCallsAreAnsweredMaySendAsMuchAsItLikes) {
  TrafficDebt debt(kStart);
  for (int i = 0; i < 1000; ++i) {
    debt.Charge(100'000, 100'000, kStart + milliseconds(10 * i));
    ASSERT_FALSE(debt.IsTooMuch());
  }
}

TEST(TrafficDebtTest, NothingCanBePaidInAdvance) {
  TrafficDebt debt(kStart);
  debt.Charge(0, 100'000'000, kStart);
  debt.Charge(TrafficDebt::kMost + 1024, 0, kStart + seconds(0));
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(TrafficDebtTest, TimePaysForKeepalivePingsOnly) {
  TrafficDebt debt(kStart);
  debt.Charge(TrafficDebt::kForgivenPerSecond, 0, kStart);
  debt.Charge(0, 0, kStart + seconds(1));
  EXPECT_EQ(debt.bytes(), 0);
  // Twice of what time pays for is too much within a few seconds.
  for (int i = 1; i <= 20; ++i) {
    debt.Charge(2 * TrafficDebt::kForgivenPerSecond, 0, kStart + seconds(i));
  }
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(SourceStrikesTest, TheFifthWithinAMinuteHasTheSourceRefusedForAMinute) {
  SourceStrikes strikes;
  for (int i = 0; i < 4; ++i) strikes.Add("a", kStart + seconds(i));
  EXPECT_FALSE(strikes.IsBanned("a", kStart + seconds(4)));
  strikes.Add("a", kStart + seconds(4));
  EXPECT_TRUE(strikes.IsBanned("a", kStart + seconds(63)));
  EXPECT_FALSE(strikes.IsBanned("a", kStart + seconds(64)));
  EXPECT_FALSE(strikes.IsBanned("b", kStart + seconds(4)));
}

TEST(SourceStrikesTest, StrikesOfLongAgoDoNotCount) {
  SourceStrikes strikes;
  for (int i = 0; i < 10; ++i) strikes.Add("a", kStart + seconds(20 * i));
  EXPECT_FALSE(strikes.IsBanned("a", kStart + seconds(200)));
}

TEST(SourceStrikesTest, MoreSourcesThanItRemembersAreNotRefused) {
  SourceStrikes strikes;
  for (size_t i = 0; i < SourceStrikes::kMaxSources; ++i) {
    strikes.Add(std::to_string(i), kStart);
  }
  const auto strike_late = [&](federation::SteadyTime now) {
    for (int i = 0; i < SourceStrikes::kMost; ++i) strikes.Add("late", now);
    return strikes.IsBanned("late", now);
  };
  EXPECT_FALSE(strike_late(kStart));
  // There is room once the others are forgotten.
  EXPECT_TRUE(strike_late(kStart + seconds(61)));
}

}  // namespace
}  // namespace interlink::daemon
