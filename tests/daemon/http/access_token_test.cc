#include "daemon/http/access_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kToken[] = "0123456789abcdef";

class AccessTokenTest : public ::testing::Test {
 protected:
  absl::StatusOr<AccessToken> Read(const std::string& text) const {
    std::ofstream(path_) << text;
    return AccessToken::Read(path_);
  }
  static std::string Basic(const std::string& credentials) {
    return "Basic " + absl::Base64Escape(credentials);
  }

  const interlink::testing::TempDir dir_;
  const std::string path_ = dir_.File("token");
};

TEST_F(AccessTokenTest, IsShownAsBearerOrAsThePasswordOfBasic) {
  const auto token = Read(std::string(kToken) + "\n");
  ASSERT_THAT(token, IsOk());
  for (const std::string& shown :
       {std::string("Bearer ") + kToken, std::string("bearer  ") + kToken,
        Basic(std::string("asterisk:") + kToken),
        Basic(std::string(":") + kToken)}) {
    EXPECT_TRUE(token->IsShownBy(shown)) << shown;
  }
}

TEST_F(AccessTokenTest, NothingElseShowsIt) {
  const auto token = Read(kToken);
  ASSERT_THAT(token, IsOk());
  for (const std::string& shown :
       {std::string(), std::string(kToken), std::string("Bearer"),
        std::string("Bearer "), std::string("Bearer 0123456789abcdeF"),
        absl::StrCat("Bearer ", kToken, "0"), std::string("Digest ") + kToken,
        Basic(kToken), Basic(std::string(kToken) + ":"),
        Basic(std::string("a:b:") + kToken), std::string("Basic !!!"),
        std::string("Basic ") + kToken}) {
    EXPECT_FALSE(token->IsShownBy(shown)) << shown;
  }
}

TEST_F(AccessTokenTest, APasswordMayHaveColons) {
  const auto token = Read("a:b:c:d:e:f:g:h:i");
  ASSERT_THAT(token, IsOk());
  EXPECT_TRUE(token->IsShownBy(Basic("user:a:b:c:d:e:f:g:h:i")));
}

TEST_F(AccessTokenTest, AFileWithoutATokenIsRefusedByItsName) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("0123456789abcde"),
        std::string("0123456789 abcdef"), std::string("0123456789\nabcdef"),
        std::string("0123456789abcdef\n\n"), std::string(257, 'x'),
        std::string("0123456789\xc3\xbc"
                    "abcdef")}) {
    EXPECT_THAT(Read(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path_)))
        << text;
  }
  EXPECT_THAT(AccessToken::Read(dir_.File("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

}  // namespace
}  // namespace interlink::daemon
