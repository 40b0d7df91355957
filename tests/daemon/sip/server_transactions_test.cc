#include "daemon/sip/server_transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/sip_fakes.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::KeptAnswers;
using State = ServerTransactions::State;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ServerTransactionsTest : public ::testing::Test {
 protected:
  bool Wait(const std::string& key, bool is_stream = false) {
    return transactions_.Wait(
        key, "trying",
        {.path = path_.Keep(), .port = 5080, .is_stream = is_stream},
        [this] { ++late_; });
  }
  // Sent since the last call.
  std::vector<std::string> Sent() {
    std::vector<std::string> texts;
    for (const auto& sent : path_.sent()) texts.push_back(sent.text);
    path_.sent().clear();
    return texts;
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  KeptAnswers path_;
  int late_ = 0;
  ServerTransactions transactions_{loop_, {.bytes = 4096, .waiting = 2}};
};

TEST_F(ServerTransactionsTest, AnAnswerIsKnownFor32Seconds) {
  transactions_.Remember("key", "answer");
  EXPECT_EQ(transactions_.Find("key").state, State::kAnswered);
  time_.Advance(seconds(32) - milliseconds(1));
  EXPECT_EQ(transactions_.Find("key").answer, "answer");
  time_.Advance(milliseconds(1));
  EXPECT_EQ(transactions_.Find("key").state, State::kNew);
  EXPECT_EQ(transactions_.bytes(), 0U);
}

TEST_F(ServerTransactionsTest, WhatNobodyAsksForAgainIsForgottenToo) {
  transactions_.Remember("a", "answer");
  time_.Advance(seconds(20));
  transactions_.Remember("b", "answer");
  time_.Advance(seconds(64));
  EXPECT_EQ(transactions_.bytes(), 0U);
  EXPECT_EQ(time_.waiting(), 0U);  // Not even a timer.
}

TEST_F(ServerTransactionsTest, ItsMemoryIsBounded) {
  for (int i = 0; i < 1000; ++i) {
    transactions_.Remember(std::to_string(i), std::string(100, 'x'));
    ASSERT_LE(transactions_.bytes(), 4096U);
  }
  EXPECT_EQ(transactions_.Find("999").state, State::kAnswered);
  EXPECT_EQ(transactions_.Find("0").state, State::kNew);
}

TEST_F(ServerTransactionsTest, WhoWaitsIsToldSoOnceAfter200Milliseconds) {
  ASSERT_TRUE(Wait("key"));
  EXPECT_EQ(transactions_.Find("key").state, State::kWaiting);
  EXPECT_EQ(transactions_.Find("key").answer, "");
  time_.Advance(milliseconds(199));
  EXPECT_THAT(Sent(), IsEmpty());
  time_.Advance(milliseconds(1));
  EXPECT_THAT(Sent(), ElementsAre("trying"));
  EXPECT_EQ(transactions_.Find("key").answer, "trying");
  time_.Advance(milliseconds(799));
  EXPECT_EQ(late_, 0);
  time_.Advance(milliseconds(1));
  EXPECT_EQ(late_, 1);
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(ServerTransactionsTest, AFinalAnswerWithoutTryingIsSentOnce) {
  ASSERT_TRUE(Wait("key"));
  time_.Advance(milliseconds(100));
  transactions_.Answer("key", "final");
  EXPECT_THAT(path_.sent(), SizeIs(1));
  EXPECT_EQ(path_.sent()[0].port, 5080);
  EXPECT_THAT(Sent(), ElementsAre("final"));
  time_.Advance(seconds(40));
  EXPECT_THAT(Sent(), IsEmpty());
  EXPECT_EQ(late_, 0);
}

// Timer G of RFC 3261 section 17.2.1: the sender does not repeat any more.
TEST_F(ServerTransactionsTest, AFinalAnswerAfterTryingIsRepeatedFor32Seconds) {
  ASSERT_TRUE(Wait("key"));
  time_.Advance(milliseconds(300));
  transactions_.Answer("key", "final");
  EXPECT_THAT(Sent(), ElementsAre("trying", "final"));
  for (const int step : {500, 1000, 2000, 4000, 4000}) {
    time_.Advance(milliseconds(step - 1));
    EXPECT_THAT(Sent(), IsEmpty());
    time_.Advance(milliseconds(1));
    EXPECT_THAT(Sent(), ElementsAre("final"));
  }
  time_.Advance(seconds(60));
  EXPECT_THAT(Sent(), SizeIs(5));  // At 15.5, 19.5, 23.5, 27.5, 31.5 s.
  EXPECT_EQ(late_, 0);
}

// Answers are forgotten at times only, perhaps long after their own time.
TEST_F(ServerTransactionsTest, RepetitionsEndWhateverElseWasAnsweredBefore) {
  transactions_.Remember("other", "answer");
  time_.Advance(seconds(20));
  ASSERT_TRUE(Wait("key"));
  time_.Advance(milliseconds(300));
  transactions_.Answer("key", "final");
  time_.Advance(seconds(32) - milliseconds(1));
  // Those of the first 31.5 seconds.
  EXPECT_THAT(Sent(), SizeIs(12));
  time_.Advance(seconds(60));
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(ServerTransactionsTest, AnAckEndsTheRepetitions) {
  ASSERT_TRUE(Wait("key"));
  time_.Advance(milliseconds(300));
  transactions_.Acknowledge("key");  // Of nothing yet.
  transactions_.Answer("key", "final");
  time_.Advance(milliseconds(500));
  EXPECT_THAT(Sent(), ElementsAre("trying", "final", "final"));
  transactions_.Acknowledge("key");
  time_.Advance(seconds(20));
  EXPECT_THAT(Sent(), IsEmpty());
  EXPECT_EQ(transactions_.Find("key").answer, "final");
}

TEST_F(ServerTransactionsTest, OverAStreamNothingIsRepeated) {
  ASSERT_TRUE(Wait("key", /*is_stream=*/true));
  time_.Advance(milliseconds(300));
  transactions_.Answer("key", "final");
  time_.Advance(seconds(40));
  EXPECT_THAT(Sent(), ElementsAre("trying", "final"));
}

TEST_F(ServerTransactionsTest, OnlyTheFirstFinalAnswerCounts) {
  ASSERT_TRUE(Wait("key"));
  transactions_.Answer("key", "first");
  transactions_.Answer("key", "second");
  transactions_.Answer("nobody", "third");
  transactions_.Remember("key", "fourth");
  EXPECT_THAT(Sent(), ElementsAre("first"));
  EXPECT_EQ(transactions_.Find("key").answer, "first");
}

TEST_F(ServerTransactionsTest, FewMayWait) {
  EXPECT_TRUE(Wait("a"));
  EXPECT_TRUE(Wait("b"));
  EXPECT_FALSE(Wait("c"));
  transactions_.Answer("a", "final");
  EXPECT_TRUE(Wait("c"));
}

// Each request may have 64 KiB.
TEST_F(ServerTransactionsTest, WhatWaitsTakesOfTheSameMemory) {
  ServerTransactions bounded(loop_, {.bytes = 4096, .waiting = 1000});
  const auto wait = [&](const std::string& key) {
    return bounded.Wait(key, std::string(500, 'x'), {.path = path_.Keep()},
                        [] {});
  };
  bounded.Remember("old", std::string(1000, 'x'));
  int waiting = 0;
  while (waiting < 1000 && wait(std::to_string(waiting))) {
    ++waiting;
    ASSERT_LE(bounded.bytes(), 4096U);
  }
  EXPECT_EQ(waiting, 3);
  EXPECT_EQ(bounded.Find("old").state, State::kNew);
  EXPECT_EQ(bounded.Find("0").state, State::kWaiting);
  time_.Advance(milliseconds(300));
  bounded.Answer("0", "final");
  EXPECT_TRUE(wait("another"));
  for (const char* key : {"1", "2", "another"}) bounded.Answer(key, "final");
  time_.Advance(seconds(64));
  EXPECT_EQ(bounded.bytes(), 0U);
}

// What still waits, or is repeated, can be the oldest.
TEST_F(ServerTransactionsTest, AFullMemoryForgetsOneThatIsRepeated) {
  ASSERT_TRUE(Wait("key"));
  time_.Advance(milliseconds(300));
  transactions_.Answer("key", "final");
  Sent();
  for (int i = 0; i < 100; ++i) {
    transactions_.Remember(std::to_string(i), std::string(100, 'x'));
  }
  time_.Advance(seconds(60));
  EXPECT_THAT(Sent(), IsEmpty());
}

}  // namespace
}  // namespace interlink::daemon
