#include "federation/sessions/clone_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using std::chrono_literals::operator""min;

class CloneDetectorTest : public ::testing::Test {
 protected:
  bool TakeTurns(const std::string& instance) {
    return clones_.TakeTurns(instance, now_);
  }
  void TurnAway(const std::string& instance) {
    EXPECT_FALSE(clones_.TurnAway(instance, now_).ok());
  }
  bool BothRun() { return clones_.BothRun(now_); }

  SteadyTime now_{std::chrono::hours(1)};
  CloneDetector clones_;
};

TEST_F(CloneDetectorTest, ADaemonThatWasNotThereBeforeIsARestart) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(TakeTurns(std::to_string(i)));
}

TEST_F(CloneDetectorTest, FourReturnsWithinFiveMinutesAreAClone) {
  TakeTurns("a");
  TakeTurns("b");
  for (const char* instance : {"a", "b", "a"}) {
    now_ += 1min;
    EXPECT_FALSE(TakeTurns(instance));
  }
  EXPECT_FALSE(TakeTurns("a"));  // It is there already.
  now_ += 2min;
  EXPECT_TRUE(TakeTurns("b"));
}

TEST_F(CloneDetectorTest, FourReturnsTwoMinutesApartAreNoClone) {
  TakeTurns("a");
  TakeTurns("b");
  for (const char* instance : {"a", "b", "a", "b", "a", "b"}) {
    now_ += 2min;
    EXPECT_FALSE(TakeTurns(instance));
  }
}

TEST_F(CloneDetectorTest, OnlyTheLatestFourDaemonsAreKnown) {
  for (const char* instance : {"a", "b", "c", "d", "e"}) TakeTurns(instance);
  for (const char* instance : {"a", "b", "c", "d", "e"}) {
    EXPECT_FALSE(TakeTurns(instance)) << instance;  // Unknown by now.
  }
  // Those who are still known return.
  for (const char* instance : {"d", "c", "b"}) {
    EXPECT_FALSE(TakeTurns(instance)) << instance;
  }
  EXPECT_TRUE(TakeTurns("e"));
}

TEST_F(CloneDetectorTest, BothRunIfOneThatWasTurnedAwayReturns) {
  TakeTurns("a");
  TurnAway("b");
  now_ += 1s;
  EXPECT_FALSE(BothRun());  // Its first word may be its last.
  TurnAway("b");
  EXPECT_FALSE(BothRun());  // The ping is no later.
  now_ += 1s;
  EXPECT_TRUE(BothRun());
  EXPECT_FALSE(BothRun());  // That was told.
  TurnAway("b");
  now_ += 1s;
  EXPECT_TRUE(BothRun());
}

TEST_F(CloneDetectorTest, ThatBothRunIsATroubleUntilOneIsSilentForFiveMinutes) {
  TakeTurns("a");
  TurnAway("b");
  TurnAway("b");
  EXPECT_TRUE(clones_.Trouble(now_).ok());
  now_ += 1s;
  EXPECT_TRUE(BothRun());
  EXPECT_THAT(clones_.Trouble(now_).message(), HasSubstr("two daemons run"));
  now_ += 4min;
  TurnAway("b");
  now_ += 1s;
  EXPECT_TRUE(BothRun());
  now_ += 4min;
  EXPECT_FALSE(clones_.Trouble(now_).ok());
  now_ += 2min;
  EXPECT_TRUE(clones_.Trouble(now_).ok());
}

TEST_F(CloneDetectorTest, AnOldSessionOfTheSameDaemonIsNoClone) {
  TakeTurns("a");
  TurnAway("a");
  TurnAway("a");
  now_ += 1s;
  EXPECT_FALSE(BothRun());
}

TEST_F(CloneDetectorTest,
       AnotherDaemonThatTakesOverWasPerhapsTheOneTurnedAway) {
  TakeTurns("a");
  TurnAway("b");
  TurnAway("b");
  TakeTurns("b");
  now_ += 1s;
  EXPECT_FALSE(BothRun());
}

TEST_F(CloneDetectorTest, WhatIsForgottenDoesNotCount) {
  TakeTurns("a");
  TakeTurns("b");
  for (const char* instance : {"a", "b", "a"}) TakeTurns(instance);
  clones_.Forget();
  EXPECT_FALSE(TakeTurns("b"));
  for (const char* instance : {"a", "b", "a"}) {
    EXPECT_FALSE(TakeTurns(instance));
  }
}

}  // namespace
}  // namespace interlink::federation
