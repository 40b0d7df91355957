#include "daemon/system/generation_file.h"

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

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class GenerationFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  std::string Text() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const testing::TempDir directory_;
  const std::string path_ = directory_.File("generation");
  const store::AccountId own_ =
      *store::AccountId::FromHex("000102030405060708090a0b0c0d0e0f");
  const store::AccountId other_ =
      *store::AccountId::FromHex("ff0102030405060708090a0b0c0d0e0f");
};

TEST_F(GenerationFileTest, ANotedCountIsReadBack) {
  {
    GenerationFile file(path_, own_);
    file.Note(7);
    file.Note(12);
  }
  EXPECT_EQ(Text(),
            "account=000102030405060708090a0b0c0d0e0f\ngeneration=12\n");
  EXPECT_THAT(GenerationFile::Read(path_, own_), IsOk());
  EXPECT_EQ(*GenerationFile::Read(path_, own_), 12u);
}

TEST_F(GenerationFileTest, WithoutAFileThereIsNoGeneration) {
  EXPECT_EQ(*GenerationFile::Read(path_, own_), 0u);
}

TEST_F(GenerationFileTest, AnotherAccountsFileSaysNothing) {
  { GenerationFile(path_, other_).Note(12); }
  EXPECT_EQ(*GenerationFile::Read(path_, own_), 0u);
}

TEST_F(GenerationFileTest, AFileThatDoesNotReadBackIsNamed) {
  const std::string account = "account=000102030405060708090a0b0c0d0e0f\n";
  for (const std::string& text :
       {std::string(), std::string("\n\n"), account, account + "generation=\n",
        account + "generation=-1\n",
        account + "generation=99999999999999999999\n"}) {
    Write(text);
    EXPECT_THAT(GenerationFile::Read(path_, own_),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)))
        << text;
  }
}

TEST_F(GenerationFileTest, AMissingFolderIsOnlyLogged) {
  GenerationFile file(directory_.File("none/generation"), own_);
  file.Note(1);
}

// A link to itself can be read by nobody, not even by root.
TEST_F(GenerationFileTest, AnUnreadableFileIsNotMissing) {
  std::filesystem::create_symlink(path_, path_);
  EXPECT_THAT(GenerationFile::Read(path_, own_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path_)));
}

}  // namespace
}  // namespace interlink::daemon
