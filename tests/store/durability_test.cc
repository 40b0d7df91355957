// A commit that was answered OK survives a power cut and kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>

#include "store/database.h"
#include "store/rocksdb/database.h"
#include "tests/support/child_process.h"
#include "tests/support/crash_env.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

using interlink::testing::ChildProcess;
using interlink::testing::CrashEnv;
using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class DurabilityTest : public ::testing::Test {
 protected:
  DurabilityTest() { Open(); }

  void Open() {
    auto opened = OpenRocksDb("/store", &env_);
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
  }
  void LosePower() {
    env_.Crash();
    database_.reset();
    env_.Restart();
  }
  absl::Status Put(const std::string& key, const std::string& value) {
    return database_->Commit({}, {Op::Put(key, value)}).status();
  }
  std::string Value(const std::string& key) {
    const auto entry = database_->Get(key);
    EXPECT_THAT(entry, IsOk());
    if (!entry.ok() || !entry->has_value()) return "(none)";
    return (*entry)->value;
  }

  CrashEnv env_;
  std::unique_ptr<Database> database_;
};

TEST_F(DurabilityTest, ACommitThatWasAnsweredSurvivesAPowerCut) {
  ASSERT_THAT(Put("t/a", "1"), IsOk());
  LosePower();
  Open();
  EXPECT_EQ(Value("t/a"), "1");
  EXPECT_EQ(database_->revision(), 1u);
}

// Proves that the test above would notice a missing sync.
TEST_F(DurabilityTest, ACommitThatTheDiskOnlyPretendedToSyncIsLost) {
  ASSERT_THAT(Put("t/a", "1"), IsOk());
  env_.LieAboutSyncs();
  ASSERT_THAT(Put("t/a", "2"), IsOk());
  LosePower();
  Open();
  EXPECT_EQ(Value("t/a"), "1");
}

TEST_F(DurabilityTest, EveryCommitSurvivesManyPowerCuts) {
  const std::string large(30'000, 'x');  // Fills write buffers: flushes, too.
  int commits = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 40; ++i, ++commits) {
      ASSERT_THAT(Put("t/" + std::to_string(commits), large), IsOk());
    }
    LosePower();
    Open();
    ASSERT_EQ(database_->revision(), static_cast<Revision>(commits));
    ASSERT_EQ(database_->Scan("t/")->size(), static_cast<size_t>(commits));
  }
}

TEST_F(DurabilityTest, ANewStoreSurvivesAPowerCutBeforeItsFirstCommit) {
  LosePower();
  Open();
  EXPECT_EQ(database_->revision(), 0u);
  EXPECT_NE(Value("format"), "(none)");
}

TEST_F(DurabilityTest, AfterAFailedWriteEveryCommitFails) {
  ASSERT_THAT(Put("t/a", "1"), IsOk());
  env_.Crash();
  const auto refused =
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(StartsWith("STORE_UNAVAILABLE: "), HasSubstr("/store"),
                     HasSubstr("no power"), HasSubstr("goes on by itself")));
  EXPECT_THAT(Put("t/a", "2"), refused);
  env_.Restart();  // The disk is well again, but what it holds is not known.
  EXPECT_THAT(Put("t/a", "3"), refused);
  EXPECT_EQ(Value("t/a"), "1");
  EXPECT_EQ(database_->revision(), 1u);

  database_.reset();
  Open();
  EXPECT_THAT(Put("t/a", "4"), IsOk());
}

TEST_F(DurabilityTest, AFailedWriteIsToldToNoFollower) {
  int told = 0;
  const auto follows = database_->Follow(
      "", {.on_commit = [&](Revision, const auto&) { ++told; },
           .on_reset = [&] { ++told; }});
  env_.Crash();
  EXPECT_FALSE(Put("t/a", "1").ok());
  EXPECT_EQ(told, 0);
}

TEST(KillTest, WhatWasAcknowledgedSurvivesKillMinusNine) {
  const TempDir directory;
  const std::string store = directory.File("store");
  for (int round = 0; round < 5; ++round) {
    uint64_t acknowledged = 0;
    {
      ChildProcess writer({STORE_WRITER, store, "count"});
      for (int i = 0; i < 20 + 7 * round; ++i) {
        const std::string line = writer.ReadLine();
        ASSERT_THAT(line, ::testing::MatchesRegex("[0-9]+"));
        acknowledged = std::stoull(line);
      }
      EXPECT_TRUE(WIFSIGNALED(writer.Kill(SIGKILL)));
      // The rest of its output, up to its end.
      for (std::string line; !(line = writer.ReadLine()).empty();) {
        acknowledged = std::stoull(line);
      }
    }
    const auto database = OpenRocksDb(store);
    ASSERT_THAT(database, IsOk());
    const auto counter = (*database)->Get("counter");
    const auto copy = (*database)->Get("copy");
    ASSERT_TRUE(counter.ok() && counter->has_value());
    ASSERT_TRUE(copy.ok() && copy->has_value());
    // The commit in progress may be there; if it is, it is whole.
    EXPECT_GE(std::stoull((*counter)->value), acknowledged);
    EXPECT_LE(std::stoull((*counter)->value), acknowledged + 1);
    EXPECT_EQ((*counter)->value, (*copy)->value);
  }
}

}  // namespace
}  // namespace interlink::store
