// What every engine promises of Follow().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/database.h"
#include "tests/store/database_fixture.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DatabaseFollowTest : public DatabaseTest {
 protected:
  using Subscription = std::unique_ptr<Database::Subscription>;

  // A follower of all keys that only does this with a commit.
  Subscription Follow(
      absl::AnyInvocable<void(Revision, const std::vector<Change>&)> take) {
    return database_->Follow("",
                             {.on_commit = std::move(take), .on_reset = [] {}});
  }
};

TEST_P(DatabaseFollowTest, AFollowerHasSeenTheCommitWhenCommitReturns) {
  const auto follows = database_->Follow("t/", Tell());
  MustCommit({Op::Put("t/b", "1"), Op::Put("t/a", "1"), Op::Put("u", "1")});
  EXPECT_THAT(told_, ElementsAre("t/b=1", "t/a=1"));
  MustCommit({Op::Delete("t/a")});
  EXPECT_THAT(told_, ElementsAre("t/b=1", "t/a=1", "t/a gone"));
}

TEST_P(DatabaseFollowTest, ACommitIsToldOnceWithItsRevision) {
  std::vector<Revision> revisions;
  const auto follows = Follow([&](Revision revision, const auto& changes) {
    revisions.push_back(revision);
    for (const Change& change : changes) EXPECT_EQ(change.revision, revision);
  });
  const Revision first = MustCommit({Op::Put("a", "1"), Op::Put("b", "1")});
  const Revision second = MustCommit({Op::Delete("a"), Op::Delete("b")});
  EXPECT_THAT(revisions, ElementsAre(first, second));
}

TEST_P(DatabaseFollowTest, AFollowerReadsAllOfWhatItIsToldOf) {
  std::vector<std::string> read;
  const auto follows = Follow([&](Revision revision, const auto&) {
    read = {Value("t/a"), Value("t/b")};
    EXPECT_EQ(revision, database_->revision());
  });
  MustCommit({Op::Put("t/a", "1"), Op::Put("t/b", "2")});
  EXPECT_THAT(read, ElementsAre("1", "2"));
}

TEST_P(DatabaseFollowTest, ACommitIsTakenByAllBeforeAnyTells) {
  std::vector<std::string> seen;
  Follower first = Tell();
  first.tell = [&] { seen = told_; };
  const auto a = database_->Follow("a/", std::move(first));
  const auto b = database_->Follow("b/", Tell());
  MustCommit({Op::Put("a/1", "x"), Op::Put("b/1", "y")});
  EXPECT_THAT(seen, ElementsAre("a/1=x", "b/1=y"));
}

TEST_P(DatabaseFollowTest, EarlierCommitsAreNotTold) {
  Put("t/a", "1");
  const auto follows = database_->Follow("t/", Tell());
  Put("t/b", "1");
  EXPECT_THAT(told_, ElementsAre("t/b=1"));
}

TEST_P(DatabaseFollowTest, ARefusedCommitIsNotTold) {
  Put("t/a", "1");
  const auto follows = database_->Follow("", Tell());
  EXPECT_THAT(Commit({Precondition::Absent("t/a")}, {Op::Put("t/b", "1")}),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseFollowTest, AnEndedFollowerIsSilent) {
  auto follows = database_->Follow("", Tell());
  follows.reset();
  Put("t/a", "1");
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseFollowTest, AFollowerMayEndItself) {
  Subscription follows;
  auto held = std::make_shared<std::string>("still here");
  follows = Follow([this, &follows, held](Revision, const auto& changes) {
    follows.reset();
    told_.push_back(changes[0].key + " " + *held);  // Captures are alive.
  });
  Put("t/a", "1");
  Put("t/b", "1");
  EXPECT_THAT(told_, ElementsAre("t/a still here"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_P(DatabaseFollowTest, AFollowerMayEndAnother) {
  Subscription second;
  const auto first =
      Follow([&second](Revision, const auto&) { second.reset(); });
  second = database_->Follow("", Tell());
  Put("t/a", "1");
  Put("t/b", "1");
  EXPECT_THAT(told_, IsEmpty());
}

TEST_P(DatabaseFollowTest, AFollowerMayStartAnotherWhichIsToldWhatComesLater) {
  Subscription second;
  const auto first = Follow([&](Revision, const auto&) {
    if (second == nullptr) second = database_->Follow("", Tell());
  });
  Put("t/a", "1");
  EXPECT_THAT(told_, IsEmpty());
  Put("t/b", "1");
  EXPECT_THAT(told_, ElementsAre("t/b=1"));
}

TEST_P(DatabaseFollowTest, AFollowerCannotCommit) {
  const auto commit = [this] { Begin({{}, {Op::Put("t/b", "1")}}); };
  const auto follows = database_->Follow(
      "", {.on_commit = [&](Revision, const auto&) { commit(); },
           .on_reset = [] {},
           .tell = commit});
  Put("t/a", "1");
  RunUntilAnswered(2);
  EXPECT_THAT(answers_, ElementsAre("INTERNAL", "INTERNAL"));
  EXPECT_EQ(Value("t/b"), "(none)");
}

TEST_P(DatabaseFollowTest, ASubscriptionMayOutliveTheDatabase) {
  auto follows = database_->Follow("", Tell());
  database_.reset();
  follows.reset();
  EXPECT_THAT(told_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseFollowTest, AllEngines(), NameOf);

}  // namespace
}  // namespace interlink::store
