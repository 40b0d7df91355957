#include "daemon/system/measured_database.h"

#include <gtest/gtest.h>

#include <memory>

#include "rocksdb/env.h"
#include "store/rocksdb/database.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::testing::Not;

TEST(MeasuredDatabaseTest, OnlyCommitsThatWereMadeAreTimed) {
  testing::VirtualTime time;
  const testing::VirtualLoop loop(time);
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

}  // namespace
}  // namespace interlink::daemon
