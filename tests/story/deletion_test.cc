// The end of a link, whichever side is away (design.md section 10).

#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using DeletionTest = AccountsTest;

TEST_F(DeletionTest, APeerThatWasAwayHearsOfItWhenItComesBack) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(mike.Rows(), IsEmpty());
  Advance(24h * 30);
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  john.Start();
  Advance(16min);
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Contains("REMOVAL_DELIVERED"));
  EXPECT_THAT(john.EventKinds(), Contains("DELETED_BY_PEER"));
}

TEST_F(DeletionTest, ADeletionSurvivesACrashOfTheDeleter) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  mike.Crash();
  mike.Start();
  EXPECT_THAT(mike.Rows(), IsEmpty());
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  john.Start();
  Advance(1min);
  ExpectAgree(mike, john, 0);
}

TEST_F(DeletionTest, ADeleterThatCannotDialIsAskedByItsPeer) {
  Link(mike, john);
  network.Cut(mike, john);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(30s);  // John's own sign of life is answered LINK_TERMINATED.
  ExpectAgree(mike, john, 0);
}

TEST_F(DeletionTest, BothMayDeleteAtOnce) {
  Link(mike, john);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  Advance(1min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

TEST_F(DeletionTest, ALostAnswerIsAskedForAgain) {
  Link(mike, john);
  network.LoseAnswers("Terminate", 3);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(5min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

TEST_F(DeletionTest, NothingIsResolvedOverADeletedLink) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  Link(mike, john);
  network.Cut(mike, john);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kNumberNotFound));
  // John does not know yet, and Mike refuses him all the same.
  EXPECT_THAT(john.Resolve("101"), Not(IsOk()));
}

TEST_F(DeletionTest, AnAttemptCanBeCancelledBeforeItArrives) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  ASSERT_THAT(john.Link("Mike", *key, 1s), IsOk());
  ASSERT_THAT(john.Delete("Mike"), IsOk());
  EXPECT_THAT(john.Rows(), IsEmpty());
  mike.Start();
  Advance(2min);
  EXPECT_EQ(mike.Row("John")->state(), api::INTERLINK_STATE_PENDING);
  // The key stays good for another account.
  EXPECT_THAT(tim.Link("Mike", *key), IsOk());
}

TEST_F(DeletionTest, ADelayedRedeemCannotReviveACancelledAttempt) {
  auto key = mike.GenerateKey("John");
  network.Hold("Redeem", 1);
  john.BeginLink("Mike", *key, 1s);
  Advance(2s);
  ASSERT_THAT(john.Delete("Mike"), IsOk());
  Advance(1min);
  network.Release();
  Advance(1min);
  EXPECT_EQ(mike.Row("John")->state(), api::INTERLINK_STATE_PENDING);
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_THAT(tim.Link("Mike", *key), IsOk());
}

TEST_F(DeletionTest, ACancelOfAnAttemptThatWentThroughEndsTheLink) {
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 1000);
  network.Cut(mike, john);
  ASSERT_THAT(john.Link("Mike", *key, 1s), IsOk());
  EXPECT_EQ(mike.Row("John")->state(), api::INTERLINK_STATE_ESTABLISHED);
  ASSERT_THAT(john.Delete("Mike"), IsOk());
  Advance(1min);
  ExpectAgree(mike, john, 0);
}

TEST_F(DeletionTest, CallersThatWaitForACancelledAttemptAreTold) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  auto waiting = john.BeginLink("Mike", *key, 1h);
  Advance(1s);
  ASSERT_THAT(john.Delete("Mike"), IsOk());
  Advance(1s);
  ASSERT_TRUE(waiting->has_value());
  EXPECT_THAT(**waiting, HasReason(Reason::kLinkTerminated));
}

TEST_F(DeletionTest, ACancelledAttemptThatABackupRevivesLeavesTheKeyGood) {
  const std::string key = *mike.GenerateKey("John Smith");
  mike.Crash();
  john.BeginLink("Mike Brown", key);
  Advance(1s);
  const std::string backup = *john.BackUp();
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  mike.Start();
  Advance(2min);
  john.Restore(backup);
  Advance(5min);
  EXPECT_THAT(john.Rows(), IsEmpty());
  ASSERT_THAT(mike.Rows(), SizeIs(1));
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_PENDING);
  EXPECT_THAT(tim.Link("Mike Brown", key), IsOk());
}

TEST_F(DeletionTest, ACancelledKeyCannotBeEnteredAgain) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  ASSERT_THAT(john.Link("Mike", *key, 1s), IsOk());
  ASSERT_THAT(john.Delete("Mike"), IsOk());
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kLinkTerminated));
}

TEST_F(DeletionTest, AStrangerCannotEndALink) {
  Link(mike, john);
  federation::v1::TerminateRequest request;
  request.set_interlink_id(
      store::InterlinkId::FromHex(mike.Rows()[0].id())->ToBytes());
  auto leaf = tim.identity().IssueLeaf(time.WallNow());
  ASSERT_THAT(leaf, IsOk());
  const size_t root = leaf->chain_pem.find("-----BEGIN", 1);
  federation::PeerCaller stranger{
      .certificate = {.leaf_pem = leaf->chain_pem.substr(0, root),
                      .chain_pem = leaf->chain_pem.substr(root)},
      .source = "tim.test:1"};
  // OK, so that nobody learns which ids exist.
  EXPECT_THAT(mike.Terminate(stranger, request), IsOk());
  request.set_redeem_id(std::string(16, 'x'));
  request.set_proof(std::string(32, 'x'));
  EXPECT_THAT(mike.Terminate(stranger, request), IsOk());
  request.set_interlink_id("short");
  EXPECT_THAT(mike.Terminate(stranger, request), IsOk());
  ExpectAgree(mike, john, 1);
}

TEST_F(DeletionTest, AccountsCanBeLinkedAgainAtOnce) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  auto key = mike.GenerateKey("John Smith");  // The name is free again.
  ASSERT_THAT(key, IsOk());
  // John has not heard of the end of the old link when he enters the new key.
  network.Cut(mike, john);
  network.Cut(john, mike);
  john.Start();
  EXPECT_THAT(john.Link("Mike again", *key), HasReason(Reason::kAlreadyLinked));
  network.Mend(mike, john);
  network.Mend(john, mike);
  Advance(5min);
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_THAT(john.Link("Mike again", *key), IsOk());
  ExpectAgree(mike, john, 1);
}

TEST_F(DeletionTest, ARedeemCarriesTheRemovalsThatWereNotDelivered) {
  Link(mike, john);
  auto key = mike.GenerateKey("New");
  // John deletes, and his Terminate does not get through before his Redeem.
  network.Hold("Terminate", 1);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_THAT(mike.Names(), ElementsAre("New"));
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
  network.Release();
  Advance(1min);
  ExpectAgree(mike, john, 1);
}

TEST_F(DeletionTest, APeerThatForgotTheLinkIsLinkedAnew) {
  Link(mike, john);
  // John's rows are gone, his identity is not: restored from an old copy.
  auto row = john.database().Scan("interlink/");
  for (const auto& entry : *row) {
    ASSERT_THAT(john.database().Commit({}, {store::Op::Delete(entry.key)}),
                IsOk());
  }
  john.Crash();
  john.Start();
  Advance(15s);
  EXPECT_EQ(mike.Row("John Smith")->health(), api::INTERLINK_HEALTH_ORPHANED);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_RED);
  EXPECT_THAT(
      mike.Row("John Smith")->last_error().message(),
      AllOf(HasSubstr("the other account knows nothing of this interlink"),
            HasSubstr("delete the row and exchange a new key")));
  auto key = mike.GenerateKey("John anew");
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_THAT(mike.Names(), ElementsAre("John anew"));
  ExpectAgree(mike, john, 1);
}

TEST_F(DeletionTest, AnOrphanedSideCanEnterANewKey) {
  Link(mike, john);
  auto row = mike.database().Scan("interlink/");
  for (const auto& entry : *row) {
    ASSERT_THAT(mike.database().Commit({}, {store::Op::Delete(entry.key)}),
                IsOk());
  }
  mike.Crash();
  mike.Start();
  Advance(15s);
  EXPECT_EQ(john.Row("Mike Brown")->health(), api::INTERLINK_HEALTH_ORPHANED);
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  ExpectAgree(mike, john, 1);
}

// A pause hides no orphan, or the only way out would be to delete it.
TEST_F(DeletionTest, APausedLinkThatItsPeerForgotIsLinkedAnewAndStaysPaused) {
  Link(mike, john);
  ASSERT_THAT(john.AddNumber("301"), IsOk());
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  auto row = mike.database().Scan("interlink/");
  for (const auto& entry : *row) {
    ASSERT_THAT(mike.database().Commit({}, {store::Op::Delete(entry.key)}),
                IsOk());
  }
  mike.Crash();
  mike.Start();
  Advance(15s);
  EXPECT_EQ(john.Row("Mike Brown")->health(), api::INTERLINK_HEALTH_ORPHANED);
  EXPECT_EQ(john.Row("Mike Brown")->indicator(), api::INDICATOR_RED);
  EXPECT_TRUE(john.Row("Mike Brown")->paused());
  EXPECT_THAT(john.EventKinds(), Contains("ORPHANED"));
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  ExpectAgree(mike, john, 1);
  Advance(5s);
  EXPECT_EQ(john.Row("Mike")->health(), api::INTERLINK_HEALTH_PAUSED);
  EXPECT_THAT(mike.Resolve("301"), Not(IsOk()));
  ASSERT_THAT(john.SetPaused("Mike", false), IsOk());
  Advance(5s);
  EXPECT_THAT(mike.Resolve("301"), IsOk());
}

TEST_F(DeletionTest, ADeliveryIsGivenUpAfterNinetyDays) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(24h * 91);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Contains("REMOVAL_GIVEN_UP"));
  // The tombstone is kept: John hears of it when he calls.
  john.Start();
  Advance(1min);
  EXPECT_THAT(john.Rows(), IsEmpty());
}

TEST_F(DeletionTest, AClockThatIsAheadAtTheStartLosesNoDeletion) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1h);
  mike.Crash();
  mike.SetClockError(24h * 500);
  mike.Start();
  Advance(30min);
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  EXPECT_THAT(mike.EventKinds(), Not(Contains("REMOVAL_GIVEN_UP")));
  // Once the clock is right, the deletion is delivered and its tombstone kept.
  mike.SetClockError({});
  john.Start();
  Advance(20min);
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  Advance(24h);
  EXPECT_THAT(mike.Rows(/*removed=*/true), SizeIs(1));
}

TEST_F(DeletionTest, ADeletionThatIsOwedIsRememberedByAnyClock) {
  network.Hide(john);
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  mike.Crash();
  mike.SetClockError(24h * 500);
  mike.Start();
  Advance(2h);
  mike.SetClockError({});
  john.Start();
  Advance(20min);
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

TEST_F(DeletionTest, TheDaysOfADeliveryAreCountedAcrossRestarts) {
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  for (int day = 0; day < 85; ++day) {
    Advance(24h);
    mike.Crash();
    mike.Start();
  }
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  // Days on which the daemon does not run are not counted.
  mike.Crash();
  Advance(24h * 30);
  mike.Start();
  Advance(1h);
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  Advance(24h * 30);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Contains("REMOVAL_GIVEN_UP"));
}

TEST_F(DeletionTest, TombstonesDoNotPileUp) {
  Link(mike, john);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1min);
  EXPECT_THAT(mike.Rows(/*removed=*/true), SizeIs(1));
  Advance(24h * 402);
  EXPECT_THAT(mike.Rows(/*removed=*/true), IsEmpty());
  EXPECT_THAT(john.Rows(/*removed=*/true), IsEmpty());
}

}  // namespace
}  // namespace interlink::testing
