#include "daemon/system/ready_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(ReadyFileTest, AFolderThatIsNotThereIsNamed) {
  const interlink::testing::TempDir dir;
  EXPECT_THAT(ReadyFile::Write(dir.File("none/ready"), {{"pid", "17"}}),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(dir.File("none/ready")),
                             HasSubstr("No such file"))));
}

}  // namespace
}  // namespace interlink::daemon
