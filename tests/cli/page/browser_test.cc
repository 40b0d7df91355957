#include "daemon/cli/page/browser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPageLink = "http://127.0.0.1:8080/#token=abc_-123";

std::string ContentsOf(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class LinkFileTest : public ::testing::Test {
 protected:
  interlink::testing::TempDir dir_;
  std::string folder_ = dir_.path();
  std::istringstream in_;
  std::ostringstream out_;
  Console console_{.in = in_,
                   .out = out_,
                   .err = out_,
                   .environment = [this](const std::string& name) {
                     return name == "XDG_RUNTIME_DIR" ? folder_ : "";
                   }};
};

TEST_F(LinkFileTest, OnlyItsUserReadsTheLinkInIt) {
  LinkFile file;
  ASSERT_TRUE(file.Write(console_, kPageLink).ok());
  EXPECT_EQ(std::filesystem::path(file.path()).parent_path(), folder_);
  EXPECT_TRUE(file.path().ends_with(".html"));
  struct stat found {};
  ASSERT_EQ(stat(file.path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  EXPECT_THAT(ContentsOf(file.path()),
              HasSubstr("content=\"0; url=" + std::string(kPageLink) + "\""));
}

TEST_F(LinkFileTest, ItGoesWithItsObjectAndWithTheNextLink) {
  {
    LinkFile file;
    ASSERT_TRUE(file.Write(console_, kPageLink).ok());
    const std::string first = file.path();
    ASSERT_TRUE(file.Write(console_, kPageLink).ok());
    EXPECT_FALSE(std::filesystem::exists(first));
    file.Remove();
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
    ASSERT_TRUE(file.Write(console_, kPageLink).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(LinkFileTest, AFolderThatIsNotThereIsAnErrorThatSaysSo) {
  folder_ = dir_.File("none");
  LinkFile file;
  const grpc::Status status = file.Write(console_, kPageLink);
  EXPECT_THAT(status.error_message(), HasSubstr("No such file"));
  EXPECT_THAT(status.error_message(), HasSubstr("open the link by hand"));
  EXPECT_EQ(file.path(), "");
}

class OpenInBrowserTest : public ::testing::Test {
 protected:
  OpenInBrowserTest() : path_(std::getenv("PATH")) {}
  ~OpenInBrowserTest() override { setenv("PATH", path_.c_str(), 1); }

  void SetPath(const std::string& path) { setenv("PATH", path.c_str(), 1); }

  interlink::testing::TempDir dir_;
  const std::string path_;
};

// Arguments can be read by all users of the machine.
TEST_F(OpenInBrowserTest, XdgOpenIsGivenTheFileAndNothingElse) {
  const std::string program = dir_.File("xdg-open");
  std::ofstream(program) << "#!/bin/sh\necho \"$@\" >" << dir_.File("given")
                         << "\necho noise\nread line && echo $line >>"
                         << dir_.File("given") << "\nexit 3\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  SetPath(dir_.path() + ":" + path_);
  const pid_t process = OpenInBrowser("/run/user/0/interlink-page-1.html");
  ASSERT_GT(process, 0);
  int how = 0;
  ASSERT_EQ(waitpid(process, &how, 0), process);
  EXPECT_EQ(WEXITSTATUS(how), 3);
  EXPECT_EQ(ContentsOf(dir_.File("given")),
            "/run/user/0/interlink-page-1.html\n");
}

TEST_F(OpenInBrowserTest, WithoutXdgOpenThereIsNoProcess) {
  SetPath(dir_.path());
  EXPECT_EQ(OpenInBrowser("/tmp/a.html"), -1);
}

}  // namespace
}  // namespace interlink::cli
