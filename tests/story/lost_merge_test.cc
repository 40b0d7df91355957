// Of crossed keys one attempt is given up over the session of the link that
// stands, and the answer to that is lost.

#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

// Mike gives up his attempt for the link that stands, John's answer to that is
// lost, and nobody can call John.
class LostMergeTest : public AccountsTest {
 protected:
  void LoseTheAnswerToAMerge() {
    network.Hide(john);
    mike.BeginLink("John, entered", *john.GenerateKey("Mike, by my key"));
    john.BeginLink("Mike, entered", *mike.GenerateKey("John, by my key"));
    // The answer has just been sent then.
    time.AdvanceUntil([&] { return !john.Row("Mike, by my key"); }, 2min);
    network.Cut(john, mike);
    network.BreakSessions(john, mike);
    ASSERT_EQ(mike.Row("John, entered")->state(), api::INTERLINK_STATE_LINKING);
    ASSERT_THAT(john.Names(), ElementsAre("Mike, entered"));
  }
  void ExpectAllGone() {
    network.Mend(john, mike);
    Advance(1h);
    ExpectAgree(mike, john, 0);
    EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
    EXPECT_EQ(john.account().outbox().undelivered(), 0u);
  }
};

TEST_F(LostMergeTest, ADeletionOfTheLinkEndsTheAttemptToo) {
  LoseTheAnswerToAMerge();
  ASSERT_THAT(mike.Delete("John, by my key"), IsOk());
  ExpectAllGone();
}

TEST_F(LostMergeTest, ADeletionByTheOtherAccountEndsItToo) {
  LoseTheAnswerToAMerge();
  ASSERT_THAT(john.Delete("Mike, entered"), IsOk());
  ExpectAllGone();
}

TEST_F(LostMergeTest, IfTheLinkStandsTheNextTryMergesIt) {
  LoseTheAnswerToAMerge();
  network.Mend(john, mike);
  Advance(10min);
  ExpectAgree(mike, john, 1);
  EXPECT_THAT(mike.Names(), ElementsAre("John, entered"));
}

}  // namespace
}  // namespace interlink::testing
