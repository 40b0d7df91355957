// A store whose write failed is opened again once the disk can be written, and
// then knows whether that write happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/rocksdb/database.h"
#include "tests/support/crash_env.h"
#include "tests/support/status_matchers.h"

namespace interlink::store {
namespace {

using interlink::testing::CrashEnv;
using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReopenTest : public ::testing::Test {
 protected:
  ReopenTest() {
    auto opened = OpenRocksDb("/store", &env_);
    EXPECT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    subscription_ = database_->Follow(
        "t/", {.on_commit =
                   [this](Revision, const std::vector<Change>& changes) {
                     for (const Change& change : changes) {
                       told_.push_back(change.key);
                     }
                   },
               .on_reset = [this] { told_.push_back("reset"); }});
  }

  absl::Status Put(const std::string& key) {
    return database_->Commit({}, {Op::Put(key, "1")}).status();
  }
  bool Has(const std::string& key) {
    const auto entry = database_->Get(key);
    EXPECT_THAT(entry, IsOk());
    return entry.ok() && entry->has_value();
  }

  CrashEnv env_;
  std::unique_ptr<Database> database_;
  std::vector<std::string> told_;
  std::unique_ptr<Database::Subscription> subscription_;
};

TEST_F(ReopenTest, TheFailureStandsUntilTheDiskCanBeWritten) {
  int failures = 0;
  database_->OnFailure([&failures] { ++failures; });
  EXPECT_THAT(database_->failure(), IsOk());
  ASSERT_THAT(Put("t/a"), IsOk());
  env_.FailNextSync(CrashEnv::Failure::kNothingSynced);
  EXPECT_THAT(Put("t/b"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(database_->failure(), StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("takes no changes")));
  EXPECT_THAT(database_->Reopen(), StatusIs(absl::StatusCode::kUnavailable,
                                            HasSubstr("cannot write")));
  EXPECT_THAT(Put("t/c"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(failures, 1);
  // Reading goes on.
  EXPECT_TRUE(Has("t/a"));

  env_.Restart();
  EXPECT_THAT(database_->Reopen(), IsOk());
  EXPECT_THAT(database_->failure(), IsOk());
  EXPECT_THAT(Put("t/d"), IsOk());
  EXPECT_TRUE(Has("t/a"));
  EXPECT_TRUE(Has("t/d"));
  EXPECT_FALSE(Has("t/c"));
}

TEST_F(ReopenTest, AWriteThatTheDiskLacksNeverHappened) {
  env_.FailNextSync(CrashEnv::Failure::kNothingSynced);
  EXPECT_THAT(Put("t/a"), StatusIs(absl::StatusCode::kUnavailable));
  env_.Restart();
  ASSERT_THAT(database_->Reopen(), IsOk());
  EXPECT_FALSE(Has("t/a"));
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_EQ(database_->revision(), 0u);
  EXPECT_THAT(Put("t/b"), IsOk());
  EXPECT_THAT(told_, ElementsAre("t/b"));
}

TEST_F(ReopenTest, AWriteThatTheDiskHasIsToldToFollowers) {
  env_.FailNextSync(CrashEnv::Failure::kAllSynced);
  EXPECT_THAT(Put("t/a"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(told_, IsEmpty());
  env_.Restart();
  ASSERT_THAT(database_->Reopen(), IsOk());
  EXPECT_TRUE(Has("t/a"));
  EXPECT_THAT(told_, ElementsAre("t/a"));
  EXPECT_EQ(database_->revision(), 1u);
  EXPECT_THAT(Put("t/b"), IsOk());
  EXPECT_THAT(told_, ElementsAre("t/a", "t/b"));
}

TEST_F(ReopenTest, ReopenWithoutAFailureDoesNothing) {
  ASSERT_THAT(Put("t/a"), IsOk());
  EXPECT_THAT(database_->Reopen(), IsOk());
  EXPECT_THAT(told_, ElementsAre("t/a"));
}

}  // namespace
}  // namespace interlink::store
