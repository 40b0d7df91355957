#include "daemon/system/measured_database.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/support/crash_env.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"
#include "tests/support/virtual_writer.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using std::chrono::seconds;
using ::testing::Not;

TEST(MeasuredDatabaseTest, OnlyCommitsThatWereMadeAreTimed) {
  testing::VirtualTime time;
  testing::VirtualLoop loop(time);
  const std::unique_ptr<rocksdb::Env> disk(
      rocksdb::NewMemEnv(rocksdb::Env::Default()));
  auto stored = store::OpenRocksDb("/account", disk.get());
  ASSERT_THAT(stored, IsOk());
  DiskWait wait;
  MeasuredDatabase database(*std::move(stored), loop, wait);
  bool was_waiting = false;
  const auto subscription =
      database.Follow("", {.on_commit =
                               [&](store::Revision, const auto&) {
                                 was_waiting = wait.since().has_value();
                               },
                           .on_reset = [] {}});
  const auto put = [&] {
    return database.Commit({store::Precondition::Absent("key")},
                           {store::Op::Put("key", "value")});
  };
  EXPECT_THAT(put(), IsOk());
  EXPECT_TRUE(was_waiting);
  EXPECT_FALSE(wait.since().has_value());
  EXPECT_EQ(database.commit_times().bucket(0), 1u);
  EXPECT_THAT(put(), Not(IsOk()));
  EXPECT_EQ(database.commit_times().bucket(0), 1u);
}

TEST(MeasuredDatabaseTest, KnowsHowLongTheOldestChangeWaits) {
  testing::VirtualTime time;
  testing::VirtualLoop loop(time);
  const std::unique_ptr<rocksdb::Env> disk(
      rocksdb::NewMemEnv(rocksdb::Env::Default()));
  auto stored = store::OpenRocksDb(
      "/account", disk.get(),
      testing::VirtualWriter::WorkplaceOf(
          time, loop, [] { return seconds(12); }, [] { return seconds(0); }));
  ASSERT_THAT(stored, IsOk());
  DiskWait wait;
  MeasuredDatabase database(*std::move(stored), loop, wait);
  int answers = 0;
  const auto put = [&](const std::string& key) {
    database.Commit({.ops = {store::Op::Put(key, "value")}},
                    [&](const auto& revision) {
                      EXPECT_THAT(revision, IsOk());
                      ++answers;
                    });
  };
  EXPECT_EQ(database.waited(), seconds(0));
  put("1");
  time.Advance(seconds(4));
  put("2");
  time.Advance(seconds(4));
  EXPECT_EQ(database.waited(), seconds(8));
  time.Advance(seconds(5));
  EXPECT_EQ(answers, 2);  // What waits is stored together.
  EXPECT_EQ(database.waited(), seconds(0));
  put("3");
  time.Advance(seconds(3));
  EXPECT_EQ(database.waited(), seconds(3));
}

// What is logged about a disk that takes twelve seconds to store.
class HangingDiskTest : public ::testing::Test {
 protected:
  HangingDiskTest() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  ~HangingDiskTest() override { spdlog::set_default_logger(before_); }

  void ChangeForTenSeconds() {
    for (int i = 0; i < 10; ++i) {
      database_.Commit({.ops = {store::Op::Put(std::to_string(i), "value")}},
                       [](const auto&) {});
      time_.Advance(seconds(1));
    }
  }
  size_t Times(const std::string& words) const {
    const std::string text = log_.str();
    size_t found = 0;
    for (size_t at = 0; (at = text.find(words, at)) != text.npos; ++at) ++found;
    return found;
  }

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream log_;
  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  testing::CrashEnv disk_;
  DiskWait wait_;
  MeasuredDatabase database_{
      *store::OpenRocksDb("/account", &disk_,
                          testing::VirtualWriter::WorkplaceOf(
                              time_, loop_, [] { return seconds(12); },
                              [] { return seconds(0); })),
      loop_, wait_};
};

TEST_F(HangingDiskTest, IsToldOfOnceAndItsEndToo) {
  ChangeForTenSeconds();
  EXPECT_EQ(Times("has stored nothing for 5 s"), 1u);
  EXPECT_EQ(Times("has stored nothing"), 1u);
  EXPECT_EQ(Times("stores changes again"), 0u);
  time_.Advance(seconds(60));
  EXPECT_EQ(Times("stores changes again"), 1u);
}

TEST_F(HangingDiskTest, ThatFailsInTheEndDoesNotStoreAgain) {
  disk_.FailNextSync(testing::CrashEnv::Failure::kNothingSynced);
  ChangeForTenSeconds();
  time_.Advance(seconds(60));
  EXPECT_EQ(Times("has stored nothing"), 1u);
  EXPECT_EQ(Times("stores changes again"), 0u);
}

}  // namespace
}  // namespace interlink::daemon
