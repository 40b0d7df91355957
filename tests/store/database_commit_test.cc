// What every engine promises of a commit that was begun.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "store/database.h"
#include "tests/store/database_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DatabaseCommitTest : public DatabaseTest {
 protected:
  static Batch Putting(const std::string& key) {
    return {{}, {Op::Put(key, "1")}};
  }
};

TEST_P(DatabaseCommitTest, IsAnsweredWithItsRevision) {
  Put("t/a", "1");
  Begin(Putting("t/b"));
  RunUntilAnswered(1);
  EXPECT_THAT(answers_, ElementsAre("2"));
  EXPECT_EQ(database_->revision(), 2u);
  EXPECT_EQ((*database_->Get("t/b"))->revision, 2u);
}

TEST_P(DatabaseCommitTest, IsNeitherReadNorToldBeforeTheLoopSaysSo) {
  const auto follows = database_->Follow("t/", Tell());
  Begin(Putting("t/a"));
  ASSERT_TRUE(loop_.AwaitTask());  // It is on the disk.
  EXPECT_EQ(Value("t/a"), "(none)");
  EXPECT_THAT(Keys("t/"), IsEmpty());
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(answers_, IsEmpty());
  EXPECT_EQ(database_->revision(), 0u);
  RunUntilAnswered(1);
  EXPECT_EQ(Value("t/a"), "1");
}

TEST_P(DatabaseCommitTest, IsAnsweredAfterEveryFollowerWasTold) {
  const auto first = database_->Follow("", Tell());
  const auto second = database_->Follow("", Tell());
  std::vector<std::string> told;
  database_->Commit(Putting("t/a"), [&](auto) { told = told_; });
  EXPECT_TRUE(loop_.RunUntil([&] { return !told.empty(); }));
  EXPECT_THAT(told, ElementsAre("t/a=1", "t/a=1"));
}

TEST_P(DatabaseCommitTest, ComesAfterThoseThatWereBegunBefore) {
  const auto follows = database_->Follow("", Tell());
  for (const char* key : {"t/a", "t/b", "t/c", "t/d"}) Begin(Putting(key));
  RunUntilAnswered(4);
  EXPECT_THAT(answers_, ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(told_, ElementsAre("t/a=1", "t/b=1", "t/c=1", "t/d=1"));
}

TEST_P(DatabaseCommitTest, ItsPreconditionsAreAboutWhatTheOnesBeforeLeave) {
  const Precondition absent = Precondition::Absent("t/a");
  const Precondition at_first = Precondition::AtRevision("t/a", 1);
  Begin({{absent}, {Op::Put("t/a", "1")}});     // 1.
  Begin({{absent}, {Op::Put("t/a", "no")}});    // It is there.
  Begin({{at_first}, {Op::Put("t/a", "2")}});   // 2.
  Begin({{at_first}, {Op::Put("t/a", "no")}});  // It has changed.
  Begin({{}, {Op::Delete("t/a")}});             // 3.
  Begin({{at_first}, {Op::Put("t/b", "no")}});  // It is gone.
  Begin({{absent}, {Op::Put("t/a", "3")}});     // 4.
  Begin({{Precondition::Absent("t/b")}, {}});   // Changes nothing.
  RunUntilAnswered(8);
  EXPECT_THAT(answers_, ElementsAre("1", "ABORTED", "2", "ABORTED", "3",
                                    "ABORTED", "4", "4"));
  EXPECT_EQ(Value("t/a"), "3");
  EXPECT_EQ(Value("t/b"), "(none)");
}

TEST_P(DatabaseCommitTest, UnchangedHoldsUntilTheNextCommitOfAnyKey) {
  Put("t/a", "1");
  Begin({{Precondition::Unchanged(1)}, {Op::Put("t/b", "1")}});
  Begin({{Precondition::Unchanged(1)}, {Op::Put("t/c", "1")}});
  Begin({{Precondition::Unchanged(2)}, {Op::Put("t/d", "1")}});
  RunUntilAnswered(3);
  EXPECT_THAT(answers_, ElementsAre("2", "ABORTED", "3"));
  EXPECT_THAT(Keys("t/"), ElementsAre("t/a", "t/b", "t/d"));
}

TEST_P(DatabaseCommitTest, TheAnswerMayBeginAnotherCommit) {
  database_->Commit(Putting("t/a"), [this](auto) { Begin(Putting("t/b")); });
  RunUntilAnswered(1);
  EXPECT_THAT(answers_, ElementsAre("2"));
}

TEST_P(DatabaseCommitTest, OneThatIsTooLargeIsRefusedAndTheOthersGoOn) {
  Begin(Putting("t/a"));
  Begin({{}, {Op::Put("t/b", std::string(kMaxValueBytes + 1, 'x'))}});
  Begin(Putting("t/c"));
  RunUntilAnswered(3);
  EXPECT_THAT(answers_,
              ::testing::UnorderedElementsAre("1", "INVALID_ARGUMENT", "2"));
  EXPECT_THAT(Keys("t/"), ElementsAre("t/a", "t/c"));
}

TEST_P(DatabaseCommitTest, ACommitThatIsWaitedForComesAfterThoseUnderWay) {
  if (!GetParam().never_waits.empty()) GTEST_SKIP() << GetParam().never_waits;
  const auto follows = database_->Follow("", Tell());
  Begin(Putting("t/a"));
  Begin(Putting("t/b"));
  const auto third = database_->Commit({}, {Op::Put("t/c", "1")});
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(*third, 3u);
  // Answers are given by the loop all the same.
  EXPECT_THAT(told_, ElementsAre("t/a=1", "t/b=1", "t/c=1"));
  EXPECT_THAT(answers_, IsEmpty());
  RunUntilAnswered(2);
  EXPECT_THAT(answers_, ElementsAre("1", "2"));
}

TEST_P(DatabaseCommitTest, AFollowerMustNotBeginOne) {
  const auto follows = database_->Follow(
      "t/a",
      {.on_commit = [this](Revision, const auto&) { Begin(Putting("t/b")); },
       .on_reset = [] {}});
  Put("t/a", "1");
  RunUntilAnswered(1);
  EXPECT_THAT(answers_, ElementsAre("INTERNAL"));
}

TEST_P(DatabaseCommitTest, IsAnsweredNoMoreOnceTheDatabaseIsGone) {
  Begin(Putting("t/a"));
  ASSERT_TRUE(loop_.AwaitTask());
  Reopen();
  Begin(Putting("t/b"));
  RunUntilAnswered(1);
  // The first one was made, though.
  EXPECT_THAT(answers_, ElementsAre("2"));
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseCommitTest, AllEngines(), NameOf);

}  // namespace
}  // namespace interlink::store
