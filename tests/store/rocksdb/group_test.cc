// Commits that wait for a disk are synced together, and fail together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/rocksdb/database.h"
#include "tests/support/crash_env.h"
#include "tests/support/posted_tasks.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::CrashEnv;
using interlink::testing::Eventually;
using interlink::testing::IsOk;
using interlink::testing::PostedTasks;
using interlink::testing::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GroupTest : public ::testing::Test {
 protected:
  GroupTest() { Open(); }
  ~GroupTest() override { env_.LetSyncsEnd(); }

  void Open() {
    auto opened = OpenRocksDb("/store", &env_, loop_.Workplace());
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    follows_ = database_->Follow(
        "t/", {.on_commit =
                   [this](Revision, const std::vector<Change>& changes) {
                     for (const Change& change : changes) {
                       told_.push_back(change.key);
                     }
                   },
               .on_reset = [this] { told_.push_back("reset"); }});
  }
  void LosePower() {
    env_.Crash();
    database_.reset();
    env_.Restart();
  }
  void Begin(const std::string& key, const std::string& value = "1") {
    database_->Commit(Batch{{}, {Op::Put(key, value)}},
                      [this](auto outcome) { answers_.push_back(outcome); });
  }
  void RunUntilAnswered(size_t answers) {
    EXPECT_TRUE(loop_.RunUntil([&] { return answers_.size() >= answers; }));
  }
  // Until the disk has begun that many syncs.
  void AwaitSync(int syncs) {
    EXPECT_TRUE(Eventually([&] { return env_.log_syncs() == syncs; }));
  }
  bool Has(const std::string& key) {
    const auto entry = database_->Get(key);
    EXPECT_THAT(entry, IsOk());
    return entry.ok() && entry->has_value();
  }

  CrashEnv env_;
  PostedTasks loop_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Database::Subscription> follows_;
  std::vector<std::string> told_;
  std::vector<absl::StatusOr<Revision>> answers_;
};

TEST_F(GroupTest, CommitsThatWaitAreSyncedTogether) {
  const int before = env_.log_syncs();
  env_.HoldSyncs();
  Begin("t/first");
  AwaitSync(before + 1);
  for (int i = 0; i < 63; ++i) Begin("t/" + std::to_string(i));
  env_.LetSyncsEnd();
  RunUntilAnswered(64);
  EXPECT_EQ(env_.log_syncs(), before + 2);
  for (size_t i = 0; i < 64; ++i) EXPECT_EQ(*answers_[i], i + 1);
  EXPECT_THAT(told_, SizeIs(64));
}

TEST_F(GroupTest, NothingIsReadToldOrAnsweredBeforeItIsSynced) {
  const int before = env_.log_syncs();
  env_.HoldSyncs();
  Begin("t/a");
  AwaitSync(before + 1);
  EXPECT_TRUE(loop_.IsEmpty());
  EXPECT_FALSE(Has("t/a"));
  EXPECT_THAT(told_, IsEmpty());
  env_.LetSyncsEnd();
  RunUntilAnswered(1);
  EXPECT_TRUE(Has("t/a"));
}

TEST_F(GroupTest, OneSyncTakesNoMoreThanOneCommitMayHave) {
  const int before = env_.log_syncs();
  env_.HoldSyncs();
  Begin("t/first");
  AwaitSync(before + 1);
  constexpr size_t kHalf = kMaxCommitBytes / kMaxValueBytes / 2;
  for (int commit = 0; commit < 3; ++commit) {
    Batch batch;
    for (size_t i = 0; i < kHalf; ++i) {
      const std::string key =
          "u/" + std::to_string(commit) + "/" + std::to_string(i);
      batch.ops.push_back(
          Op::Put(key, std::string(kMaxValueBytes - key.size(), 'x')));
    }
    database_->Commit(std::move(batch),
                      [this](auto outcome) { answers_.push_back(outcome); });
  }
  env_.LetSyncsEnd();
  RunUntilAnswered(4);
  EXPECT_THAT(answers_, Each(IsOk()));
  // Two halves go together.
  EXPECT_EQ(env_.log_syncs(), before + 3);
}

TEST_F(GroupTest, AnAnsweredCommitSurvivesAPowerCut) {
  for (int i = 0; i < 10; ++i) Begin("t/" + std::to_string(i));
  RunUntilAnswered(10);
  ASSERT_THAT(answers_, Each(IsOk()));
  LosePower();
  Open();
  EXPECT_EQ(database_->Scan("t/")->size(), 10u);
  EXPECT_EQ(database_->revision(), 10u);
}

TEST_F(GroupTest, ACommitMayBeThereThoughPowerWasCutBeforeItsAnswer) {
  Begin("t/a");
  ASSERT_TRUE(loop_.AwaitTask());
  LosePower();
  Open();
  EXPECT_TRUE(Has("t/a"));
  Begin("t/b");
  RunUntilAnswered(1);
  EXPECT_EQ(*answers_[0], 2u);
}

// Two commits whose write fails.
class FailedGroupTest : public GroupTest {
 protected:
  void FailTwo(CrashEnv::Failure failure) {
    const int before = env_.log_syncs();
    env_.HoldSyncs();
    Begin("t/first");
    AwaitSync(before + 1);
    Begin("t/a");
    Begin("t/b");
    env_.LetBegunSyncsEnd();
    RunUntilAnswered(1);
    AwaitSync(before + 2);
    env_.FailNextSync(failure);
    env_.LetSyncsEnd();
    RunUntilAnswered(3);
    EXPECT_THAT(answers_[0], IsOk());
    EXPECT_THAT(answers_[1], StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(answers_[2], StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(told_, ElementsAre("t/first"));
    env_.Restart();
    ASSERT_THAT(database_->Reopen(), IsOk());
  }
};

TEST_F(FailedGroupTest, IfTheDiskHasThemTheyAreToldWhenItIsOpenedAgain) {
  FailTwo(CrashEnv::Failure::kAllSynced);
  EXPECT_THAT(told_, ElementsAre("t/first", "t/a", "t/b"));
  EXPECT_EQ(database_->revision(), 3u);
  EXPECT_TRUE(Has("t/b"));
  Begin("t/c");
  RunUntilAnswered(4);
  EXPECT_EQ(*answers_[3], 4u);
}

TEST_F(FailedGroupTest, IfTheDiskLacksThemNoneOfThemHappened) {
  FailTwo(CrashEnv::Failure::kNothingSynced);
  EXPECT_THAT(told_, ElementsAre("t/first"));
  EXPECT_EQ(database_->revision(), 1u);
  EXPECT_FALSE(Has("t/a"));
  Begin("t/c");
  RunUntilAnswered(4);
  EXPECT_EQ(*answers_[3], 2u);
}

TEST_F(GroupTest, AllCommitsOfAFailedWriteAreLostAndSoAreThoseThatWait) {
  int failures = 0;
  size_t answers_at_failure = 0;
  database_->OnFailure([&] {
    ++failures;
    answers_at_failure = answers_.size();
  });
  const int before = env_.log_syncs();
  env_.HoldSyncs();
  env_.FailNextSync(CrashEnv::Failure::kNothingSynced);
  Begin("t/a");
  AwaitSync(before + 1);
  Begin("t/b");
  env_.LetSyncsEnd();
  RunUntilAnswered(2);
  EXPECT_THAT(answers_, Each(StatusIs(absl::StatusCode::kUnavailable)));
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(answers_at_failure, 0u);
  Begin("t/c");
  RunUntilAnswered(3);
  EXPECT_THAT(answers_[2], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(failures, 1);
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_FALSE(Has("t/a"));
}

}  // namespace
}  // namespace interlink::store
