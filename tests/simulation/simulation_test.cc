// A few seeds of the simulation, in every run; many more are simulate's.

#include <gtest/gtest.h>

#include "tests/simulation/world.h"

namespace interlink::testing {
namespace {

TEST(SimulationTest, NoSeedBreaksARule) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Plan plan = Plan::FromSeed(seed, 0);
    EXPECT_EQ(World(plan).Run(), "") << "simulate --first " << seed;
  }
}

TEST(SimulationTest, ManyAccountsBreakNone) {
  const Plan plan = Plan::FromSeed(1, 20);
  EXPECT_EQ(World(plan).Run(), "");
}

TEST(SimulationTest, TheSameSeedRunsTheSameWay) {
  const Plan plan = Plan::FromSeed(7, 4);
  World first(plan);
  World second(plan);
  first.Run();
  second.Run();
  EXPECT_EQ(first.transcript(), second.transcript());
}

TEST(SimulationTest, ATruthThatHasChangedWasTrueUntilThen) {
  using std::chrono_literals::operator""s;
  const federation::SteadyTime start{};
  Truth truth;
  EXPECT_FALSE(truth.WasEver(true, start));
  EXPECT_TRUE(truth.WasAlways(false, start));
  truth.Set(start + 10s, true);
  EXPECT_TRUE(truth.WasEver(false, start));
  EXPECT_TRUE(truth.WasAlways(true, start + 11s));
  truth.Set(start + 20s, false);
  EXPECT_TRUE(truth.WasEver(true, start + 15s));
  EXPECT_FALSE(truth.WasEver(true, start + 21s));
}

}  // namespace
}  // namespace interlink::testing
