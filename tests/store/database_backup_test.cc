// What every engine promises of Backup().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "store/database.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/restore.h"
#include "tests/store/database_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TempDir;

class DatabaseBackupTest : public DatabaseTest {
 protected:
  void SetUp() override {
    if (GetParam().name == "RocksDbInMemory") {
      GTEST_SKIP() << "its backups are in memory, too";
    }
    DatabaseTest::SetUp();
  }

  const TempDir directory_;
  const std::string copy_ = directory_.File("copy");
};

TEST_P(DatabaseBackupTest, ABackupIsTheStoreAsOfOneCommit) {
  Put("t/a", "1");
  MustCommit({Op::Put("t/b", "2"), Op::Put("t/bytes", std::string("\0", 1))});
  MustCommit({Op::Delete("t/a")});
  const auto size = database_->Backup(copy_ + "/");
  ASSERT_THAT(size, IsOk());
  EXPECT_GT(*size, 0u);
  Put("t/b", "later");

  const auto copy = OpenRocksDb(copy_);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ((*copy)->revision(), 3u);
  const auto entries = (*copy)->Scan("t/");
  ASSERT_THAT(entries, IsOk());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].key, "t/b");
  EXPECT_EQ((*entries)[0].value, "2");
  EXPECT_EQ((*entries)[0].revision, 2u);
  EXPECT_EQ((*entries)[1].value, std::string("\0", 1));
  const auto format = (*copy)->Get(kFormatKey);
  ASSERT_THAT(format, IsOk());
  EXPECT_TRUE(Decode<v1::FormatRecord>((*format)->value)->is_backup());
  const auto mode = std::filesystem::status(copy_).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST_P(DatabaseBackupTest, ABackupCanBeRestored) {
  Put("t/a", "1");
  ASSERT_THAT(database_->Backup(copy_), IsOk());
  const std::string store = directory_.File("restored");
  ASSERT_THAT(RestoreRocksDb(copy_, store, RestoreMode::kSameAccount), IsOk());
  const auto restored = OpenRocksDb(store);
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ((*restored)->Get("t/a")->value().value, "1");
}

TEST_P(DatabaseBackupTest, ADirectoryThatExistsIsNotTouched) {
  std::filesystem::create_directory(copy_);
  EXPECT_THAT(database_->Backup(copy_),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(database_->Backup(directory_.File("missing/copy")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(std::filesystem::is_empty(copy_));
  EXPECT_FALSE(std::filesystem::exists(copy_ + ".partial"));
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseBackupTest, AllEngines(), NameOf);

}  // namespace
}  // namespace interlink::store
