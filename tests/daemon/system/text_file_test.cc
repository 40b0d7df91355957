#include "daemon/system/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using absl::StatusCode;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TextFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return ReadTextFile(path_);
  }

  const interlink::testing::TempDir dir_;
  const std::string path_ = dir_.File("text");
};

TEST_F(TextFileTest, IsReadAsItIs) {
  for (const std::string text : {"", "a", "a\r\nb", "Gr\xc3\xb6\xc3\x9f"}) {
    EXPECT_EQ(*Read(text), text);
  }
  EXPECT_EQ(Read(std::string(1 << 20, 'a'))->size(), size_t{1} << 20);
}

TEST_F(TextFileTest, AByteOrderMarkIsNotPartOfIt) {
  EXPECT_EQ(*Read("\xef\xbb\xbf"
                  "a"),
            "a");
}

TEST_F(TextFileTest, FilesThatAreNoTextAreNamed) {
  EXPECT_THAT(Read(std::string("\xff\xfe"
                               "a\0",
                               4)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("UTF-16")));
  EXPECT_THAT(Read(std::string("\xfe\xff\0a", 4)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("UTF-16")));
  EXPECT_THAT(Read(std::string("a\0b\0", 4)),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("UTF-16")));
  EXPECT_THAT(Read(std::string((1 << 20) + 1, 'a')),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("1 MiB")));
  EXPECT_THAT(ReadTextFile(dir_.path()),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("folder")));
}

TEST_F(TextFileTest, AMissingFileIsNotOneThatMayNotBeRead) {
  EXPECT_THAT(ReadTextFile(dir_.File("none")),
              StatusIs(StatusCode::kNotFound, HasSubstr("there is no file")));
  EXPECT_THAT(ReadTextFile(path_ + std::string(300, 'x')),
              StatusIs(StatusCode::kUnavailable, HasSubstr("too long")));
  if (geteuid() == 0) GTEST_SKIP() << "root may read any file; see e2e";
  ASSERT_THAT(Read("a"), IsOk());
  ASSERT_EQ(chmod(path_.c_str(), 0), 0);
  EXPECT_THAT(ReadTextFile(path_),
              StatusIs(StatusCode::kUnavailable,
                       AllOf(HasSubstr("Permission denied"),
                             HasSubstr("the user that runs the daemon"))));
}

// As a shell hands over what a command prints: once, and nothing if it fails.
// An empty text would be a configuration without settings.
TEST_F(TextFileTest, APipeOutOfWhichNothingComesIsRefused) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const std::string path = "/dev/fd/" + std::to_string(ends[0]);
  ASSERT_EQ(write(ends[1], "text", 4), 4);
  close(ends[1]);
  EXPECT_EQ(*ReadTextFile(path), "text");
  EXPECT_THAT(ReadTextFile(path),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr(path + " is a pipe out of which nothing")));
  close(ends[0]);
}

}  // namespace
}  // namespace interlink::daemon
