#include "federation/peer/address_rounds.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_randomness.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TEST(AddressRoundsTest, EachAddressIsTriedOnceInARound) {
  AddressRounds rounds(0s, 60s);
  EXPECT_FALSE(rounds.HasNext());
  for (int round = 0; round < 2; ++round) {
    rounds.Begin({"a:1", "b:2"});
    EXPECT_EQ(rounds.Next(), "a:1");
    EXPECT_EQ(rounds.Next(), "b:2");
    EXPECT_FALSE(rounds.HasNext());
  }
}

TEST(AddressRoundsTest, APauseIsBoundedByOneThatDoubles) {
  testing::SeededRandomness randomness(1);
  AddressRounds rounds(500ms, 60s);
  for (const Duration bound : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    const Duration pause = rounds.Pause(randomness);
    EXPECT_GE(pause, 500ms);
    EXPECT_LE(pause, bound);
  }
  EXPECT_EQ(rounds.failed(), 8);
  for (int i = 0; i < 100; ++i) EXPECT_LE(rounds.Pause(randomness), 60s);
  rounds.Forgive();
  EXPECT_EQ(rounds.failed(), 0);
  EXPECT_LE(rounds.Pause(randomness), 1s);
}

}  // namespace
}  // namespace interlink::federation
