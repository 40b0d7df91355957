#include "daemon/peer/accept/traffic_debt.h"

#include <gtest/gtest.h>

#include "daemon/peer/accept/source_strikes.h"

namespace interlink::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const federation::SteadyTime kBegin{std::chrono::hours(1)};

TEST(TrafficDebtTest, UnpaidBytesAreSoonTooMuch) {
  TrafficDebt debt(kBegin);
  debt.Charge(TrafficDebt::kMost, 0, kBegin);
  EXPECT_FALSE(debt.IsTooMuch());
  debt.Charge(1024, 0, kBegin);
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(TrafficDebtTest, APeerWhoseCallsAreAnsweredMaySendAsMuchAsItLikes) {
  TrafficDebt debt(kBegin);
  for (int i = 0; i < 1000; ++i) {
    debt.Charge(100'000, 100'000, kBegin + milliseconds(10 * i));
    ASSERT_FALSE(debt.IsTooMuch());
  }
}

TEST(TrafficDebtTest, NothingCanBePaidInAdvance) {
  TrafficDebt debt(kBegin);
  debt.Charge(0, 100'000'000, kBegin);
  debt.Charge(TrafficDebt::kMost + 1024, 0, kBegin + seconds(0));
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(TrafficDebtTest, TimePaysForKeepalivePingsOnly) {
  TrafficDebt debt(kBegin);
  debt.Charge(TrafficDebt::kForgivenPerSecond, 0, kBegin);
  debt.Charge(0, 0, kBegin + seconds(1));
  EXPECT_EQ(debt.bytes(), 0);
  // Twice of what time pays for is too much within a few seconds.
  for (int i = 1; i <= 20; ++i) {
    debt.Charge(2 * TrafficDebt::kForgivenPerSecond, 0, kBegin + seconds(i));
  }
  EXPECT_TRUE(debt.IsTooMuch());
}

TEST(SourceStrikesTest, TheFifthWithinAMinuteHasTheSourceRefusedForAMinute) {
  SourceStrikes strikes;
  for (int i = 0; i < 4; ++i) strikes.Add("a", kBegin + seconds(i));
  EXPECT_FALSE(strikes.IsBanned("a", kBegin + seconds(4)));
  strikes.Add("a", kBegin + seconds(4));
  EXPECT_TRUE(strikes.IsBanned("a", kBegin + seconds(63)));
  EXPECT_FALSE(strikes.IsBanned("a", kBegin + seconds(64)));
  EXPECT_FALSE(strikes.IsBanned("b", kBegin + seconds(4)));
}

TEST(SourceStrikesTest, StrikesOfLongAgoDoNotCount) {
  SourceStrikes strikes;
  for (int i = 0; i < 10; ++i) strikes.Add("a", kBegin + seconds(20 * i));
  EXPECT_FALSE(strikes.IsBanned("a", kBegin + seconds(200)));
}

TEST(SourceStrikesTest, MoreSourcesThanItRemembersAreNotRefused) {
  SourceStrikes strikes;
  for (size_t i = 0; i < SourceStrikes::kMaxSources; ++i) {
    strikes.Add(std::to_string(i), kBegin);
  }
  const auto strike_late = [&](federation::SteadyTime now) {
    for (int i = 0; i < SourceStrikes::kMost; ++i) strikes.Add("late", now);
    return strikes.IsBanned("late", now);
  };
  EXPECT_FALSE(strike_late(kBegin));
  // There is room once the others are forgotten.
  EXPECT_TRUE(strike_late(kBegin + seconds(61)));
}

}  // namespace
}  // namespace interlink::daemon
