// What is particular to the RocksDB engine: files, damage, locks and formats.
#include "store/rocksdb/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "store/records.h"
#include "tests/support/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::store {
namespace {

namespace fs = std::filesystem;
using interlink::testing::ChildProcess;
using interlink::testing::IsOk;
using interlink::testing::StatusIs;
using interlink::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kLarge(1000, 'x');

class RocksDbDatabaseTest : public ::testing::Test {
 protected:
  const std::string& path() const { return path_; }

  void Open() {
    auto opened = OpenRocksDb(path_);
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
  }
  void Close() { database_.reset(); }
  void Put(const std::string& key, const std::string& value) {
    ASSERT_THAT(database_->Commit({}, {Op::Put(key, value)}), IsOk());
  }
  std::string Value(const std::string& key) {
    const auto entry = database_->Get(key);
    EXPECT_THAT(entry, IsOk());
    if (!entry.ok() || !entry->has_value()) return "(none)";
    return (*entry)->value;
  }
  // A closed store with t/0 to t/99, in its WAL only.
  void MakeStore() {
    Open();
    for (int i = 0; i < 100; ++i) Put("t/" + std::to_string(i), "value");
    Close();
  }
  // A closed store with t/100 to t/199, in one data file of many blocks.
  void MakeStoreOfManyBlocks() {
    Open();
    for (int i = 100; i < 200; ++i) Put("t/" + std::to_string(i), kLarge);
    Close();
    Open();  // What was in the WAL goes into a data file.
    Close();
  }
  // The files of the store whose names begin or end with `part`.
  std::vector<std::string> Files(const std::string& part) {
    std::vector<std::string> files;
    for (const auto& file : fs::directory_iterator(path_)) {
      const std::string name = file.path().filename();
      const bool chosen = name.starts_with(part) || name.ends_with(part);
      if (chosen && file.file_size() > 0) files.push_back(file.path());
    }
    return files;
  }
  std::string OnlyFile(const std::string& part) {
    const auto files = Files(part);
    EXPECT_THAT(files, SizeIs(1)) << part;
    return files.empty() ? "" : files.front();
  }
  static void FlipByte(const std::string& file, uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(stream.get() ^ 0x55);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
  }
  static void CutShort(const std::string& file, uint64_t bytes) {
    fs::resize_file(file, fs::file_size(file) - bytes);
  }
  void PutRaw(const std::string& key, const std::string& value) {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), path_, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), key, value).ok());
  }
  // Opens the store several times: a service manager tries more than once, and
  // RocksDB removes some kinds of evidence at the first attempt.
  void ExpectCorrupt() {
    const std::vector<std::string> before = Files(".sst");
    for (int attempt = 1; attempt <= 3; ++attempt) {
      SCOPED_TRACE(attempt);
      EXPECT_THAT(OpenRocksDb(path_),
                  StatusIs(absl::StatusCode::kDataLoss,
                           AllOf(HasSubstr(path_), HasSubstr("corrupt"),
                                 HasSubstr("restore a backup"))));
      EXPECT_THAT(Files(".sst"), IsSupersetOf(before));
    }
  }

  const TempDir directory_;
  const std::string path_ = directory_.File("store");
  std::unique_ptr<Database> database_;
};

TEST_F(RocksDbDatabaseTest, ANewStoreIsPrivate) {
  Open();
  struct stat found;
  ASSERT_EQ(stat(path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(RocksDbDatabaseTest, ANewStoreHasTheFormatOfThisProgram) {
  Open();
  const auto format = Decode<v1::FormatRecord>(Value(std::string(kFormatKey)));
  ASSERT_THAT(format, IsOk());
  EXPECT_EQ(format->version(), kFormatVersion);
  EXPECT_FALSE(format->is_backup());
}

TEST_F(RocksDbDatabaseTest, ADirectoryThatCannotBeMadeIsUnavailable) {
  EXPECT_THAT(
      OpenRocksDb(directory_.File("none/store")),
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(StartsWith("STORE_UNAVAILABLE: "), HasSubstr("none/store"),
                     HasSubstr("No such file or directory"))));
}

// The layout of store/README.md, byte by byte.
TEST_F(RocksDbDatabaseTest, AValueLiesBehindItsRevision) {
  Open();
  Put("t/a", "1");
  Put("t/b", "xyz");
  Close();
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::OpenForReadOnly(rocksdb::Options(), path(), &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  const auto bytes = [&db](std::string_view key) {
    std::string value;
    EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), key, &value).ok());
    return value;
  };
  EXPECT_EQ(bytes("t/a"), std::string("\0\0\0\0\0\0\0\1"
                                      "1",
                                      9));
  EXPECT_EQ(bytes("t/b"), std::string("\0\0\0\0\0\0\0\2"
                                      "xyz",
                                      11));
  EXPECT_EQ(bytes(std::string_view("\0revision", 9)),
            std::string("\0\0\0\0\0\0\0\2", 8));
  EXPECT_EQ(bytes("format"),
            std::string("\0\0\0\0\0\0\0\0\x0a\x02\x08\x01", 12));
}

TEST_F(RocksDbDatabaseTest, ALaterFormatIsRefusedNamingBothVersions) {
  MakeStore();
  v1::FormatRecord format;
  format.set_version(kFormatVersion + 6);
  PutRaw("format", std::string(8, '\0') + Encode(format));
  EXPECT_THAT(OpenRocksDb(path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(path()), HasSubstr("format 7"),
                             HasSubstr("up to 1"), HasSubstr("install"))));
}

TEST_F(RocksDbDatabaseTest, AStoreWithoutAFormatIsCorrupt) {
  ASSERT_TRUE(fs::create_directory(path()));
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path(), &raw).ok());
  delete raw;
  PutRaw("somebody", "else's");
  ExpectCorrupt();
}

// Even in a block that the start does not read.
TEST_F(RocksDbDatabaseTest, ADamagedDataFileIsCorrupt) {
  MakeStoreOfManyBlocks();
  const std::string file = OnlyFile(".sst");
  FlipByte(file, fs::file_size(file) / 2);
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, AMissingDataFileIsCorrupt) {
  MakeStore();
  Open();
  Close();
  fs::remove(OnlyFile(".sst"));
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, ADamagedManifestIsCorrupt) {
  MakeStore();
  FlipByte(OnlyFile("MANIFEST"), 30);
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, AMissingManifestIsCorrupt) {
  MakeStore();
  fs::remove(OnlyFile("MANIFEST"));
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, AMissingCurrentIsCorruptAndNotANewStore) {
  MakeStore();
  Open();
  Close();
  fs::remove(path() + "/CURRENT");
  ExpectCorrupt();
}

// Nobody can read a link to itself, not even root.
TEST_F(RocksDbDatabaseTest, AnUnreadableFileIsNotCalledCorruptOrMissing) {
  MakeStore();
  Open();
  Close();
  for (const std::string& file : {path() + "/CURRENT", OnlyFile(".sst")}) {
    fs::rename(file, path() + "/aside");
    fs::create_symlink(file, file);
    EXPECT_THAT(OpenRocksDb(path()),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr("cannot read " + file)));
    fs::remove(file);
    fs::rename(path() + "/aside", file);
  }
  Open();
}

TEST_F(RocksDbDatabaseTest, ACreationThatWasCutShortIsDoneAgain) {
  ASSERT_TRUE(fs::create_directory(path()));
  std::ofstream(path() + "/MANIFEST-000001") << "torn";
  Open();
  Put("t/a", "1");
}

TEST_F(RocksDbDatabaseTest, ATornLastRecordWasNeverAnsweredAndIsDropped) {
  MakeStore();
  CutShort(OnlyFile(".log"), 3);
  Open();
  EXPECT_EQ(Value("t/98"), "value");
  EXPECT_EQ(Value("t/99"), "(none)");
  EXPECT_EQ(database_->revision(), 99u);
}

TEST_F(RocksDbDatabaseTest, ADamagedRecordInsideTheWalIsCorrupt) {
  MakeStore();
  const std::string wal = OnlyFile(".log");
  FlipByte(wal, fs::file_size(wal) / 2);
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, AMissingWalIsCorrupt) {
  MakeStore();  // Never reopened: all of it is in the WAL.
  fs::remove(OnlyFile(".log"));
  ExpectCorrupt();
}

TEST_F(RocksDbDatabaseTest, DamageWhileOpenIsSeenByTheReader) {
  MakeStoreOfManyBlocks();
  Open();
  const std::string file = OnlyFile(".sst");
  FlipByte(file, fs::file_size(file) / 2);
  EXPECT_EQ(Value("t/100"), kLarge);  // The first block was read at the start.
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path()));
  EXPECT_THAT(database_->Get("t/150"), damaged);
  EXPECT_THAT(database_->Scan("t/"), damaged);
}

TEST_F(RocksDbDatabaseTest, ASecondProcessIsRefusedNamingTheFirst) {
  ChildProcess first({STORE_WRITER, path(), "hold"});
  ASSERT_EQ(first.ReadLine(), "open");
  EXPECT_THAT(
      OpenRocksDb(path()),
      StatusIs(
          absl::StatusCode::kUnavailable,
          AllOf(StartsWith("STORE_UNAVAILABLE: "), HasSubstr(path()),
                HasSubstr("process " + std::to_string(first.pid()) + ":"))));
  first.CloseInput();
  first.Wait();
  Open();
}

TEST_F(RocksDbDatabaseTest, ASecondOpeningInThisProcessIsRefused) {
  Open();
  const auto refused =
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr(path()), HasSubstr("this process")));
  EXPECT_THAT(OpenRocksDb(path()), refused);
  EXPECT_THAT(OpenRocksDb(path()), refused);
  // Looking for the holder must not release our own lock.
  ChildProcess second({STORE_WRITER, path(), "hold"});
  EXPECT_THAT(second.ReadLine(),
              HasSubstr("process " + std::to_string(getpid())));
  Put("t/a", "1");
}

}  // namespace
}  // namespace interlink::store
