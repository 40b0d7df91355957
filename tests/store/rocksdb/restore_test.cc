#include "store/rocksdb/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "store/records.h"
#include "store/rocksdb/database.h"
#include "tests/support/crash_env.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

namespace fs = std::filesystem;
using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RocksDbRestoreTest : public ::testing::Test {
 protected:
  RocksDbRestoreTest() {
    const auto database = *OpenRocksDb(directory_.File("old"));
    for (const char* key : {"account", "interlink/1", "tombstone/1", "outbox/1",
                            "event/1", "number/201"}) {
      EXPECT_THAT(database->Commit({}, {Op::Put(key, key)}), IsOk());
    }
    EXPECT_THAT(database->Backup(backup_), IsOk());
  }

  absl::Status Restore(RestoreMode mode = RestoreMode::kSameAccount) {
    return RestoreRocksDb(backup_, store_, mode);
  }
  // Whether the key is in the restored store.
  bool Has(std::string_view key) {
    const auto database = OpenRocksDb(store_);
    EXPECT_THAT(database, IsOk());
    return database.ok() && (*database)->Get(key)->has_value();
  }

  const TempDir directory_;
  const std::string backup_ = directory_.File("backup");
  const std::string store_ = directory_.File("store");
};

TEST_F(RocksDbRestoreTest, TheStoreIsAsItWasAndMarkedAsACopy) {
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_TRUE(Has("account"));
  EXPECT_TRUE(Has("interlink/1"));
  EXPECT_TRUE(Has("number/201"));
  const auto database = *OpenRocksDb(store_);
  EXPECT_EQ(database->revision(), 6u);
  const auto format =
      Decode<v1::FormatRecord>((*database->Get("format"))->value);
  EXPECT_TRUE(format->is_backup());
  EXPECT_FALSE(fs::exists(store_ + "/restore.partial"));
}

// Two daemons would run as one account.
TEST_F(RocksDbRestoreTest, ADataDirectoryIsNoBackup) {
  for (const auto mode : {RestoreMode::kSameAccount, RestoreMode::kAsNew}) {
    EXPECT_THAT(RestoreRocksDb(directory_.File("old"), store_, mode),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr(directory_.File("old") +
                                   " holds the store of an account, and no "
                                   "backup: make one with interlinkctl "
                                   "backup")));
    EXPECT_FALSE(fs::exists(store_ + "/CURRENT"));
    EXPECT_FALSE(fs::exists(store_ + "/restore.partial"));
  }
  EXPECT_THAT(OpenRocksDb(directory_.File("old")), IsOk());
}

TEST_F(RocksDbRestoreTest, AStoreThatADaemonHasOpenIsNotCopied) {
  const auto live = *OpenRocksDb(directory_.File("old"));
  EXPECT_THAT(
      RestoreRocksDb(directory_.File("old"), store_, RestoreMode::kSameAccount),
      StatusIs(absl::StatusCode::kUnavailable,
               HasSubstr(directory_.File("old") + " is in use by")));
  const auto started_on_a_backup = *OpenRocksDb(backup_);
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kUnavailable,
                                  HasSubstr(backup_ + " is in use by")));
  EXPECT_FALSE(fs::exists(store_));
}

// A backup may lie on a medium that cannot be written.
TEST_F(RocksDbRestoreTest, ABackupNeedsNoLockFile) {
  fs::remove(backup_ + "/LOCK");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_FALSE(fs::exists(backup_ + "/LOCK"));
}

TEST_F(RocksDbRestoreTest, TheBackupStaysAsItIs) {
  const auto files = [this] {
    std::map<std::string, fs::file_time_type> all;
    for (const auto& file : fs::directory_iterator(backup_)) {
      all[file.path().filename()] = file.last_write_time();
    }
    return all;
  };
  const auto before = files();
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_EQ(files(), before);
}

TEST_F(RocksDbRestoreTest, ARestoreAsNewKeepsOnlyTheNumbers) {
  ASSERT_THAT(Restore(RestoreMode::kAsNew), IsOk());
  for (const char* key :
       {"account", "interlink/1", "tombstone/1", "outbox/1", "event/1"}) {
    EXPECT_FALSE(Has(key)) << key;
  }
  EXPECT_TRUE(Has("number/201"));
}

TEST_F(RocksDbRestoreTest, AStoreThatIsThereIsNotTouched) {
  ASSERT_THAT(Restore(), IsOk());
  ASSERT_THAT((*OpenRocksDb(store_))->Commit({}, {Op::Put("t", "1")}), IsOk());
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kAlreadyExists,
                                  HasSubstr("move its files away")));
  EXPECT_TRUE(Has("t"));
}

TEST_F(RocksDbRestoreTest, ADirectoryWithoutABackupIsNotFound) {
  fs::create_directory(directory_.File("empty"));
  EXPECT_THAT(RestoreRocksDb(directory_.File("empty"), store_,
                             RestoreMode::kSameAccount),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no backup")));
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(RocksDbRestoreTest, ADirectoryThatIsNotThereHoldsNoBackup) {
  EXPECT_THAT(RestoreRocksDb(directory_.File("none"), store_,
                             RestoreMode::kSameAccount),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no backup")));
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(RocksDbRestoreTest, APathThatCannotBeSeenIsNotMissing) {
  EXPECT_THAT(
      RestoreRocksDb(directory_.File(std::string(300, 'x')), store_,
                     RestoreMode::kSameAccount),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot look at")));
}

TEST_F(RocksDbRestoreTest, ASlashAtTheEndOfAPathIsIgnored) {
  ASSERT_THAT(
      RestoreRocksDb(backup_ + "/", store_ + "//", RestoreMode::kSameAccount),
      IsOk());
  EXPECT_TRUE(Has("number/201"));
}

TEST_F(RocksDbRestoreTest, ADamagedBackupIsRefusedAndNoStoreIsMade) {
  for (const auto& file : fs::directory_iterator(backup_)) {
    if (file.path().extension() != ".log" &&
        file.path().extension() != ".sst") {
      continue;
    }
    std::fstream damaged(file.path(), std::ios::in | std::ios::out);
    damaged.seekp(20);
    damaged << "!!!!!!!!";
  }
  EXPECT_FALSE(Restore().ok());
  EXPECT_FALSE(fs::exists(store_ + "/CURRENT"));
  EXPECT_THAT(
      OpenRocksDb(store_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cut short")));
}

// The copy is gone tomorrow; the file of the backup is what somebody can look
// at, or fetch again.
TEST_F(RocksDbRestoreTest, ADamagedFileOfTheBackupIsNamed) {
  // One more data file, and a log that has something.
  ASSERT_THAT(Restore(), IsOk());
  fs::remove_all(backup_);
  {
    const auto database = *OpenRocksDb(store_);
    ASSERT_THAT(database->Commit({}, {Op::Put("number/202", "x")}), IsOk());
    ASSERT_THAT(database->Backup(backup_), IsOk());
  }
  const std::string whole = directory_.File("whole");
  fs::copy(backup_, whole);
  const auto flip = [](const fs::path& file) {
    std::fstream bytes(file, std::ios::in | std::ios::out);
    bytes.seekp(static_cast<std::streamoff>(fs::file_size(file)) / 2);
    bytes << "!!!!";
  };
  const auto shorten = [](const fs::path& file) {
    fs::resize_file(file, fs::file_size(file) / 2);
  };
  const auto lose = [](const fs::path& file) { fs::remove(file); };
  const std::pair<const char*, std::function<void(const fs::path&)>> damages[] =
      {{"flip", flip}, {"shorten", shorten}, {"lose", lose}};
  int named = 0;
  for (const auto& file : fs::directory_iterator(whole)) {
    const std::string name = file.path().filename();
    const bool is_needed = name == "CURRENT" || name.starts_with("MANIFEST-") ||
                           name.ends_with(".sst") || name.ends_with(".log");
    if (!is_needed) continue;
    for (const auto& [damage, act] : damages) {
      fs::remove_all(backup_);
      fs::remove_all(store_);
      fs::copy(whole, backup_);
      act(backup_ + "/" + name);
      const auto status = Restore();
      // The end of a log may be half written.
      if (status.ok()) continue;
      const std::string message(status.message());
      EXPECT_THAT(message, HasSubstr(backup_)) << damage << " " << name;
      EXPECT_THAT(message, Not(HasSubstr("restore.partial")));
      if (damage == std::string("lose") && name == "CURRENT") continue;
      const bool is_lost = damage == std::string("lose");
      const std::string told = name.ends_with(".log") && is_lost
                                   ? "last .log file, the latest changes,"
                                   : "file " + name;
      EXPECT_THAT(status,
                  StatusIs(absl::StatusCode::kDataLoss,
                           AllOf(HasSubstr("its " + told + " is " +
                                           (is_lost ? "missing" : "damaged")),
                                 HasSubstr("with another backup"))))
          << damage;
      ++named;
    }
  }
  EXPECT_GE(named, 10);
}

// Without the mark the daemon would start with a new account.
TEST_F(RocksDbRestoreTest, ARefusedRestoreLeavesTheMarkOfOneThatWasCutShort) {
  fs::create_directories(store_ + "/restore.partial");
  std::ofstream(store_ + "/restore.partial/CURRENT") << "half";
  EXPECT_THAT(
      RestoreRocksDb(directory_.File("old"), store_, RestoreMode::kSameAccount),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no backup")));
  EXPECT_TRUE(fs::exists(store_ + "/restore.partial/CURRENT"));
  EXPECT_THAT(
      OpenRocksDb(store_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cut short")));
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_TRUE(Has("number/201"));
}

// Notes whether a folder is removed before a file has its final name.
class WatchedEnv : public rocksdb::EnvWrapper {
 public:
  WatchedEnv(std::string folder, std::string file)
      : EnvWrapper(rocksdb::Env::Default()),
        folder_(std::move(folder)),
        file_(std::move(file)) {}
  rocksdb::Status DeleteDir(const std::string& name) override {
    has_gone_early_ |= name == folder_ && !FileExists(file_).ok();
    return EnvWrapper::DeleteDir(name);
  }
  bool has_gone_early() const { return has_gone_early_; }

 private:
  const std::string folder_;
  const std::string file_;
  bool has_gone_early_ = false;
};

TEST_F(RocksDbRestoreTest, TheMarkStaysUntilTheStoreIsThere) {
  fs::create_directories(store_ + "/restore.partial");
  std::ofstream(store_ + "/restore.partial/000999.sst") << "half";
  WatchedEnv env(store_ + "/restore.partial", store_ + "/CURRENT");
  ASSERT_THAT(RestoreRocksDb(backup_, store_, RestoreMode::kSameAccount, &env),
              IsOk());
  EXPECT_FALSE(env.has_gone_early());
  EXPECT_FALSE(fs::exists(store_ + "/000999.sst"));
}

TEST(RocksDbRestoreOnACrashingDiskTest, ARestoredStoreSurvivesAPowerCut) {
  interlink::testing::CrashEnv disk;
  auto old = *OpenRocksDb("/old", &disk);
  ASSERT_THAT(old->Commit({}, {Op::Put("number/201", "x")}), IsOk());
  ASSERT_THAT(old->Backup("/backup"), IsOk());
  old.reset();
  ASSERT_THAT(
      RestoreRocksDb("/backup", "/new", RestoreMode::kSameAccount, &disk),
      IsOk());
  disk.Crash();
  disk.Restart();
  EXPECT_TRUE((*OpenRocksDb("/new", &disk))->Get("number/201")->has_value());
}

TEST_F(RocksDbRestoreTest, ASecondRestoreAtTheSameTimeTouchesNothing) {
  fs::create_directories(store_ + "/restore.partial");
  std::ofstream(store_ + "/restore.partial/CURRENT") << "half";
  rocksdb::Env* const env = rocksdb::Env::Default();
  rocksdb::FileLock* other = nullptr;
  ASSERT_TRUE(env->LockFile(store_ + "/LOCK", &other).ok());
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kUnavailable,
                                  HasSubstr(store_ + " is in use by")));
  EXPECT_TRUE(fs::exists(store_ + "/restore.partial/CURRENT"));
  ASSERT_TRUE(env->UnlockFile(other).ok());
  EXPECT_THAT(Restore(), IsOk());
}

TEST_F(RocksDbRestoreTest, AStoreThatADaemonHasOpenIsNoTarget) {
  ASSERT_THAT(Restore(), IsOk());
  const auto live = *OpenRocksDb(store_);
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kUnavailable,
                                  HasSubstr(store_ + " is in use by")));
  EXPECT_THAT(live->Commit({}, {Op::Put("t", "1")}), IsOk());
}

TEST_F(RocksDbRestoreTest, ABackupIsNotPutIntoItself) {
  EXPECT_THAT(RestoreRocksDb(backup_, backup_ + "/", RestoreMode::kSameAccount),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr("there is a store in " + backup_)));
}

TEST_F(RocksDbRestoreTest, ARestoreCutShortLeavesNoStoreUntilItIsRunAgain) {
  ASSERT_THAT(Restore(), IsOk());
  // As if the restore had ended between its last rename and its clearing up.
  fs::create_directory(store_ + "/restore.partial");
  EXPECT_THAT(OpenRocksDb(store_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("run it again")));
  // As if it had ended in the middle of the renames.
  fs::rename(store_ + "/CURRENT", store_ + "/restore.partial/CURRENT");
  EXPECT_FALSE(OpenRocksDb(store_).ok());
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_TRUE(Has("number/201"));
}

// Clearing what a restore that was cut short has left would clear the backup.
TEST_F(RocksDbRestoreTest, ABackupIsNotRestoredIntoItselfWhateverItsName) {
  const std::string link = directory_.File("link");
  fs::create_directory(backup_ + "/restore.partial");
  fs::create_directory_symlink(backup_, link);
  for (const auto& [from, to] :
       {std::pair(backup_, backup_), std::pair(link, backup_),
        std::pair(backup_, link)}) {
    EXPECT_THAT(RestoreRocksDb(from, to, RestoreMode::kSameAccount),
                StatusIs(absl::StatusCode::kAlreadyExists))
        << from << " " << to;
  }
  fs::remove(backup_ + "/restore.partial");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_TRUE(Has("account"));
}

TEST_F(RocksDbRestoreTest, TheCopyThatARestoreMakesIsNoBackup) {
  fs::create_directory(store_);
  fs::rename(backup_, store_ + "/restore.partial");
  EXPECT_THAT(RestoreRocksDb(store_ + "/restore.partial", store_,
                             RestoreMode::kSameAccount),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("interlinkctl backup")));
  fs::rename(store_ + "/restore.partial", backup_);
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_TRUE(Has("account"));
}

}  // namespace
}  // namespace interlink::store
