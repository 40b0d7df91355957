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
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"
#include "tests/support/virtual_writer.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
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
  using std::chrono::seconds;
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

TEST(MeasuredDatabaseTest, SaysOnceThatTheDiskHangsAndOnceThatItDoesNot) {
  using std::chrono::seconds;
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  const auto times = [&log](const std::string& words) {
    const std::string text = log.str();
    size_t found = 0;
    for (size_t at = 0; (at = text.find(words, at)) != text.npos; ++at) ++found;
    return found;
  };
  {
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
    for (int i = 0; i < 10; ++i) {
      database.Commit({.ops = {store::Op::Put(std::to_string(i), "value")}},
                      [](const auto&) {});
      time.Advance(seconds(1));
    }
    EXPECT_EQ(times("has stored nothing for 5 s"), 1u);
    EXPECT_EQ(times("has stored nothing"), 1u);
    EXPECT_EQ(times("stores changes again"), 0u);
    time.Advance(seconds(60));
    EXPECT_EQ(times("stores changes again"), 1u);
  }
  spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace interlink::daemon
