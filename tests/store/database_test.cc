// What every engine promises of Get(), Scan() and Commit().
#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/store/database_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_P(DatabaseTest, WhatIsCommittedIsRead) {
  const Revision revision = Put("t/a", "1");
  const auto entry = database_->Get("t/a");
  ASSERT_THAT(entry, IsOk());
  ASSERT_TRUE(entry->has_value());
  EXPECT_EQ((*entry)->key, "t/a");
  EXPECT_EQ((*entry)->value, "1");
  EXPECT_EQ((*entry)->revision, revision);
}

TEST_P(DatabaseTest, AKeyThatWasNeverWrittenIsNotThere) {
  EXPECT_EQ(Value("t/a"), "(none)");
  EXPECT_EQ(Value(""), "(none)");
  EXPECT_EQ(Value(std::string("\0revision", 9)), "(none)");
}

TEST_P(DatabaseTest, ADeletedKeyIsNotThere) {
  Put("t/a", "1");
  MustCommit({Op::Delete("t/a")});
  EXPECT_EQ(Value("t/a"), "(none)");
  EXPECT_THAT(Keys("t/"), IsEmpty());
}

TEST_P(DatabaseTest, ValuesMayBeEmptyOrAnyBytes) {
  Put("t/empty", "");
  Put("t/bytes", std::string("\0\xff\n", 3));
  EXPECT_EQ(Value("t/empty"), "");
  EXPECT_EQ(Value("t/bytes"), std::string("\0\xff\n", 3));
}

TEST_P(DatabaseTest, EveryCommitIsTheNextRevision) {
  const Revision first = Put("t/a", "1");
  EXPECT_EQ(database_->revision(), first);
  EXPECT_EQ(MustCommit({Op::Put("t/b", "1"), Op::Delete("t/a")}), first + 1);
  EXPECT_EQ(database_->revision(), first + 1);
}

TEST_P(DatabaseTest, ANewDatabaseIsAtRevisionZero) {
  EXPECT_EQ(database_->revision(), 0u);
  EXPECT_EQ(Put("t/a", "1"), 1u);
}

TEST_P(DatabaseTest, ACommitOfNothingChangesNothing) {
  const Revision revision = Put("t/a", "1");
  EXPECT_EQ(MustCommit({}), revision);
  EXPECT_EQ(database_->revision(), revision);
}

TEST_P(DatabaseTest, AllIsThereAfterReopening) {
  const Revision first = Put("t/a", "1");
  const Revision second = Put("t/b", "2");
  Reopen();
  EXPECT_EQ(database_->revision(), second);
  EXPECT_EQ(Value("t/a"), "1");
  EXPECT_EQ((*database_->Get("t/a"))->revision, first);
  EXPECT_EQ(Value("t/b"), "2");
  EXPECT_EQ(Put("t/c", "3"), second + 1);
}

TEST_P(DatabaseTest, AScanIsOfOnePrefixInTheOrderOfKeys) {
  MustCommit({Op::Put("t/b", ""), Op::Put("t/a", ""), Op::Put("t/", ""),
              Op::Put("t", ""), Op::Put("t0", ""), Op::Put("t/\xff", ""),
              Op::Put("t/\xff\xff", "")});
  EXPECT_THAT(Keys("t/"),
              ElementsAre("t/", "t/a", "t/b", "t/\xff", "t/\xff\xff"));
  EXPECT_THAT(Keys("t/\xff"), ElementsAre("t/\xff", "t/\xff\xff"));
  EXPECT_THAT(Keys("u"), IsEmpty());
}

TEST_P(DatabaseTest, AScanOfEverythingShowsNothingOfTheEngine) {
  const size_t at_first = Keys("").size();
  MustCommit({Op::Put("\x01", ""), Op::Put("\xff\xff", "")});
  const auto keys = Keys("");
  EXPECT_EQ(keys.size(), at_first + 2);
  EXPECT_EQ(keys.front(), "\x01");
  EXPECT_EQ(keys.back(), "\xff\xff");
  EXPECT_THAT(Keys(std::string_view("\0", 1)), IsEmpty());
}

TEST_P(DatabaseTest, AScanGoesOnAfterAKey) {
  MustCommit({Op::Put("t/a", ""), Op::Put("t/a0", ""), Op::Put("t/b", ""),
              Op::Put("t/c", "")});
  EXPECT_THAT(Keys("t/", "", 2), ElementsAre("t/a", "t/a0"));
  EXPECT_THAT(Keys("t/", "t/a0", 2), ElementsAre("t/b", "t/c"));
  EXPECT_THAT(Keys("t/", "t/a"), ElementsAre("t/a0", "t/b", "t/c"));
  EXPECT_THAT(Keys("t/", "t/aa"), ElementsAre("t/b", "t/c"));  // Not there.
  EXPECT_THAT(Keys("t/", "t/c"), IsEmpty());
  EXPECT_THAT(Keys("t/", "u"), IsEmpty());
  EXPECT_THAT(Keys("t/", "s", 1), ElementsAre("t/a"));
}

TEST_P(DatabaseTest, APreconditionOfAbsenceHoldsOnce) {
  const std::vector<Precondition> absent = {Precondition::Absent("t/a")};
  EXPECT_THAT(Commit(absent, {Op::Put("t/a", "1")}), IsOk());
  EXPECT_THAT(Commit(absent, {Op::Put("t/a", "2")}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("t/a")));
  EXPECT_EQ(Value("t/a"), "1");
}

TEST_P(DatabaseTest, APreconditionOfARevisionHoldsUntilTheNextWrite) {
  const Revision first = Put("t/a", "1");
  Put("t/other", "1");
  const std::vector<Precondition> at_first = {
      Precondition::AtRevision("t/a", first)};
  EXPECT_THAT(Commit(at_first, {Op::Put("t/a", "2")}), IsOk());
  EXPECT_THAT(Commit(at_first, {Op::Put("t/a", "3")}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("t/a")));
  EXPECT_EQ(Value("t/a"), "2");
}

TEST_P(DatabaseTest, APreconditionOfARevisionFailsIfTheKeyIsGone) {
  const Revision first = Put("t/a", "1");
  MustCommit({Op::Delete("t/a")});
  EXPECT_THAT(
      Commit({Precondition::AtRevision("t/a", first)}, {Op::Put("t/b", "1")}),
      StatusIs(absl::StatusCode::kAborted, HasSubstr("t/a")));
}

TEST_P(DatabaseTest, OneFailedPreconditionStopsTheWholeCommit) {
  Put("t/a", "1");
  const Revision before = database_->revision();
  const auto follows = database_->Follow("", Tell());
  EXPECT_THAT(Commit({Precondition::Absent("t/b"), Precondition::Absent("t/a")},
                     {Op::Put("t/b", "1"), Op::Put("t/c", "1")}),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Keys("t/"), ElementsAre("t/a"));
  EXPECT_EQ(database_->revision(), before);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseTest, ACommitThatIsTooLargeIsRefusedAsAWhole) {
  const auto refused = [this](const std::vector<Op>& ops) {
    EXPECT_THAT(Commit({}, ops), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Keys("t/"), IsEmpty());
  };
  refused({Op::Put("t/a", "1"),
           Op::Put("t/b", std::string(kMaxValueBytes + 1, 'x'))});
  std::vector<Op> ops(database_->max_bulk_ops() + 1);
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i] = Op::Put("t/" + std::to_string(i), "");
  }
  refused(ops);
  ops.resize(1000);
  for (Op& op : ops) op.value = std::string(kMaxValueBytes, 'x');
  refused(ops);
}

TEST_P(DatabaseTest, TheLargestCommitsAreTaken) {
  std::vector<Op> ops(Database::kMaxOps);
  // Of keys and values; all engines take the same sum or less.
  const size_t bytes =
      std::min(kMaxValueBytes, GetParam().max_commit_bytes / ops.size() - 10);
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i] = Op::Put("t/" + std::to_string(i), std::string(bytes, 'x'));
  }
  MustCommit(ops);
  EXPECT_EQ(Keys("t/").size(), Database::kMaxOps);

  ASSERT_GE(database_->max_bulk_ops(), Database::kMaxOps);
  ops.resize(database_->max_bulk_ops());
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i] = Op::Put("u/" + std::to_string(i), "x");
  }
  MustCommit(ops);
  EXPECT_EQ(Keys("u/").size(), ops.size());
}

TEST_P(DatabaseTest, OneCommitChangesAKeyOnce) {
  EXPECT_THAT(
      Commit({}, {Op::Put("t/a", "1"), Op::Put("t/b", "1"), Op::Delete("t/a")}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("t/a")));
}

TEST_P(DatabaseTest, TheEnginesOwnKeysCannotBeWritten) {
  for (const std::string& key : {std::string(), std::string("\0revision", 9)}) {
    EXPECT_THAT(Commit({}, {Op::Put(key, "1")}),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Commit({}, {Op::Delete(key)}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_P(DatabaseTest, ReadersOnOtherThreadsSeeWholeCommits) {
  MustCommit({Op::Put("t/a", "0"), Op::Put("t/b", "0")});
  std::jthread reader([this](std::stop_token stop) {
    while (!stop.stop_requested()) {
      const auto entries = database_->Scan("t/");
      ASSERT_THAT(entries, IsOk());
      ASSERT_EQ(entries->size(), 2u);
      ASSERT_EQ((*entries)[0].value, (*entries)[1].value);
      ASSERT_THAT(database_->Get("t/a"), IsOk());
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string value = std::to_string(i);
    MustCommit({Op::Put("t/a", value), Op::Put("t/b", value)});
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseTest, AllEngines(), NameOf);

}  // namespace
}  // namespace interlink::store
