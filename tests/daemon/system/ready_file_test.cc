#include "daemon/system/ready_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ReadyFileTest, HasALineForEachNameAndNoDraftIsLeft) {
  const interlink::testing::TempDir dir;
  const auto file = ReadyFile::Write(
      dir.File("ready"), {{"api", "unix:/run/api.sock"}, {"pid", "17"}});
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(Text(dir.File("ready")), "api=unix:/run/api.sock\npid=17\n");
  const auto files = std::filesystem::directory_iterator(dir.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(ReadyFileTest, ReplacesWhatAnEarlierDaemonLeft) {
  const interlink::testing::TempDir dir;
  std::ofstream(dir.File("ready")) << "pid=1\nhttp=gone\n";
  const auto file = ReadyFile::Write(dir.File("ready"), {{"pid", "17"}});
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(Text(dir.File("ready")), "pid=17\n");
}

TEST(ReadyFileTest, GoesWithItsObject) {
  const interlink::testing::TempDir dir;
  auto file = ReadyFile::Write(dir.File("ready"), {{"pid", "17"}});
  ASSERT_THAT(file, IsOk());
  file->reset();
  EXPECT_FALSE(std::filesystem::exists(dir.File("ready")));
}

// A device would be replaced for all programs, and gone at the end.
TEST(ReadyFileTest, WhatIsNoRegularFileIsRefusedAndStays) {
  const interlink::testing::TempDir dir;
  const std::string path = dir.File("ready");
  const auto expect_refusal = [&](const std::string& kind) {
    const auto refused =
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(kind));
    EXPECT_THAT(ReadyFile::Check(path), refused);
    EXPECT_THAT(ReadyFile::Clear(path), refused);
    EXPECT_THAT(ReadyFile::Write(path, {{"pid", "17"}}), refused);
    const auto at = std::filesystem::symlink_status(path).type();
    EXPECT_NE(at, std::filesystem::file_type::regular) << kind;
    EXPECT_TRUE(std::filesystem::remove(path)) << kind;
  };
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect_refusal("is a pipe, not a ready file");
  std::filesystem::create_directory(path);
  expect_refusal("is a folder, not a ready file");
  std::filesystem::create_symlink(dir.File("none"), path);
  expect_refusal("is a symbolic link, not a ready file");
}

TEST(ReadyFileTest, AnotherFileWhereItIsDraftedIsRefusedToo) {
  const interlink::testing::TempDir dir;
  std::ofstream(dir.File("ready.new")) << "notes";
  EXPECT_THAT(ReadyFile::Write(dir.File("ready"), {{"pid", "17"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(dir.File("ready.new") + " exists")));
  EXPECT_EQ(Text(dir.File("ready.new")), "notes");
  // Of a daemon that was killed.
  std::ofstream(dir.File("ready.new")) << "pid=1\n";
  EXPECT_THAT(ReadyFile::Write(dir.File("ready"), {{"pid", "17"}}), IsOk());
}

// It starts at the same time, and fails if the file vanishes before its rename.
TEST(ReadyFileTest, TheDraftOfAStartingDaemonIsLeftToIt) {
  const interlink::testing::TempDir dir;
  const std::string draft = dir.File("ready.new");
  std::ofstream(draft) << "pid=1\n";
  const int held = open(draft.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(held, LOCK_EX | LOCK_NB), 0);
  EXPECT_THAT(ReadyFile::Clear(dir.File("ready")),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("the ready file of another daemon")));
  EXPECT_EQ(Text(draft), "pid=1\n");
  close(held);
  EXPECT_THAT(ReadyFile::Clear(dir.File("ready")), IsOk());
  EXPECT_FALSE(std::filesystem::exists(draft));
}

TEST(ReadyFileTest, AFolderThatIsNotThereIsNamed) {
  const interlink::testing::TempDir dir;
  EXPECT_THAT(ReadyFile::Write(dir.File("none/ready"), {{"pid", "17"}}),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(dir.File("none/ready")),
                             HasSubstr("No such file"))));
}

}  // namespace
}  // namespace interlink::daemon
