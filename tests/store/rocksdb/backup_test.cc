#include "store/rocksdb/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rocksdb/env.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

namespace fs = std::filesystem;
using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<Database> MustOpen(const std::string& path,
                                   rocksdb::Env* env = nullptr) {
  auto opened = OpenRocksDb(path, env);
  EXPECT_THAT(opened, IsOk());
  return opened.ok() ? *std::move(opened) : nullptr;
}

std::string Value(const Database& database, std::string_view key) {
  const auto entry = database.Get(key);
  EXPECT_THAT(entry, IsOk());
  return entry.ok() && entry->has_value() ? (*entry)->value : "(none)";
}

bool SaysItIsABackup(const Database& database) {
  const auto format =
      Decode<v1::FormatRecord>(Value(database, std::string(kFormatKey)));
  EXPECT_THAT(format, IsOk());
  return format.ok() && format->is_backup();
}

class RocksDbBackupTest : public ::testing::Test {
 protected:
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(directory_.path())) {
      names.push_back(file.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const TempDir directory_;
  const std::string copy_ = directory_.File("copy");
  std::unique_ptr<Database> database_ = MustOpen(directory_.File("store"));
};

TEST_F(RocksDbBackupTest, ASlashAtTheEndOfAPathIsIgnored) {
  EXPECT_THAT(database_->Backup(directory_.File("copy//")), IsOk());
  EXPECT_THAT(Names(), ElementsAre("copy", "store"));
}

TEST_F(RocksDbBackupTest, APathThatCannotBeSeenIsNotMissing) {
  EXPECT_THAT(
      database_->Backup(directory_.File(std::string(300, 'x'))),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot look at")));
}

// Trying again would not help.
TEST_F(RocksDbBackupTest, AFolderThatDoesNotExistIsTheCallersMistake) {
  EXPECT_THAT(database_->Backup(directory_.File("missing/copy")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("No such file or directory")));
  EXPECT_THAT(database_->Backup(directory_.File("store/CURRENT/copy")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("Not a directory")));
  EXPECT_THAT(Names(), ElementsAre("store"));
}

// Such a backup would be lost with the store.
TEST_F(RocksDbBackupTest, NoBackupIsMadeInTheStoresOwnDirectory) {
  const std::string store = directory_.File("store");
  fs::create_directory(store + "/within");
  fs::create_directory_symlink(store, directory_.File("link"));
  for (const std::string& name :
       {store + "/copy", store + "/within/copy", directory_.File("link/copy"),
        directory_.File("link/within/copy"), store + "/within/../copy",
        store + "/./copy"}) {
    EXPECT_THAT(database_->Backup(name),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("within the data directory " + store)))
        << name;
    EXPECT_FALSE(fs::exists(name));
  }
  EXPECT_THAT(database_->Backup(directory_.File("store2")), IsOk());
  EXPECT_THAT(database_->Backup(store + "/../copy"), IsOk());
}

TEST_F(RocksDbBackupTest, ABackupOpensWithAllThatWasCommitted) {
  ASSERT_THAT(database_->Commit({}, {Op::Put("t/a", "1")}), IsOk());
  ASSERT_THAT(database_->Commit({}, {Op::Put("t/b", "2")}), IsOk());
  const auto size = database_->Backup(copy_);
  ASSERT_THAT(size, IsOk());
  EXPECT_GT(*size, 0u);
  EXPECT_THAT(Names(), ElementsAre("copy", "store"));

  const auto copy = MustOpen(copy_);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->revision(), 2u);
  EXPECT_EQ(Value(*copy, "t/a"), "1");
  EXPECT_EQ((*copy->Get("t/b"))->revision, 2u);
}

TEST_F(RocksDbBackupTest, TheCopyIsMarkedAndTheOriginalIsNot) {
  ASSERT_THAT(database_->Backup(copy_), IsOk());
  EXPECT_FALSE(SaysItIsABackup(*database_));
  EXPECT_TRUE(SaysItIsABackup(*MustOpen(copy_)));
}

TEST_F(RocksDbBackupTest, TheSizeIsThatOfTheFiles) {
  const auto size = database_->Backup(copy_);
  ASSERT_THAT(size, IsOk());
  uint64_t sum = 0;
  for (const auto& file : fs::directory_iterator(copy_)) {
    sum += file.file_size();
  }
  EXPECT_EQ(*size, sum);
}

TEST_F(RocksDbBackupTest, ABackupIsPrivate) {
  ASSERT_THAT(database_->Backup(copy_), IsOk());
  struct stat found;
  ASSERT_EQ(stat(copy_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(RocksDbBackupTest, ABackupOfABackupCanBeMade) {
  ASSERT_THAT(database_->Backup(copy_), IsOk());
  const auto copy = MustOpen(copy_);
  EXPECT_THAT(copy->Backup(directory_.File("again")), IsOk());
}

TEST_F(RocksDbBackupTest, AnExistingDirectoryIsNotTouched) {
  ASSERT_TRUE(fs::create_directory(copy_));
  EXPECT_THAT(database_->Backup(copy_),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(copy_)));
  EXPECT_TRUE(fs::is_empty(copy_));
}

TEST_F(RocksDbBackupTest, AFailedBackupLeavesNothingBehind) {
  EXPECT_THAT(database_->Backup(directory_.File("none/copy")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("No such file or directory")));
  // The copy itself fails, because its data is gone.
  ASSERT_THAT(database_->Commit({}, {Op::Put("t/a", "1")}), IsOk());
  ASSERT_THAT(database_->Backup(copy_), IsOk());  // Flushes into a data file.
  for (const auto& file : fs::directory_iterator(directory_.File("store"))) {
    if (file.path().extension() == ".sst") {
      fs::resize_file(file.path(), file.file_size() / 2);
    }
  }
  const auto names = Names();
  EXPECT_FALSE(database_->Backup(directory_.File("copy2")).ok());
  EXPECT_EQ(Names(), names);
}

TEST_F(RocksDbBackupTest, ABackupWhileCommittingIsOneMomentOfTheStore) {
  std::jthread writer([this](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      const std::string value = std::to_string(i);
      ASSERT_THAT(
          database_->Commit({}, {Op::Put("t/a", value), Op::Put("t/b", value)}),
          IsOk());
    }
  });
  Revision last = 0;
  for (int i = 0; i < 10; ++i) {
    const std::string name = directory_.File("copy" + std::to_string(i));
    ASSERT_THAT(database_->Backup(name), IsOk());
    const auto copy = MustOpen(name);
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(Value(*copy, "t/a"), Value(*copy, "t/b"));
    EXPECT_GE(copy->revision(), last);
    last = copy->revision();
  }
}

TEST(RocksDbBackupInMemoryTest, ABackupWorksInMemoryToo) {
  const std::unique_ptr<rocksdb::Env> env(
      rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const auto database = MustOpen("/store", env.get());
  ASSERT_THAT(database->Commit({}, {Op::Put("t/a", "1")}), IsOk());
  ASSERT_THAT(database->Backup("/copy"), IsOk());
  EXPECT_EQ(Value(*MustOpen("/copy", env.get()), "t/a"), "1");
  EXPECT_FALSE(env->FileExists("/copy.partial").ok());
}

}  // namespace
}  // namespace interlink::store
