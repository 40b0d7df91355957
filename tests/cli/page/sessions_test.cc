#include "daemon/cli/page/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

class SessionsTest : public ::testing::Test {
 protected:
  // "" if the token is refused.
  std::string Begin(const std::string& token) {
    std::string session;
    last_ = sessions_.Begin(token, &session);
    return session;
  }

  Sessions sessions_;
  grpc::Status last_;
};

TEST_F(SessionsTest, ATokenMakesASession) {
  const std::string token = sessions_.NewToken();
  EXPECT_EQ(token.size(), 43U);  // 32 bytes.
  const std::string session = Begin(token);
  EXPECT_EQ(session.size(), 43U);
  EXPECT_NE(session, token);
  EXPECT_TRUE(sessions_.Has(session));
}

TEST_F(SessionsTest, NobodyHasASessionBefore) {
  EXPECT_FALSE(sessions_.Has(""));
  EXPECT_EQ(Begin(""), "");
  const std::string token = sessions_.NewToken();
  EXPECT_EQ(Begin(""), "");
  EXPECT_FALSE(sessions_.Has(token));
  EXPECT_FALSE(sessions_.Has(""));
}

TEST_F(SessionsTest, ATokenWorksOnce) {
  const std::string token = sessions_.NewToken();
  ASSERT_NE(Begin(token), "");
  EXPECT_FALSE(sessions_.has_token());
  EXPECT_EQ(Begin(token), "");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(last_.error_message(), HasSubstr("press Enter"));
}

TEST_F(SessionsTest, ANewTokenVoidsTheOneBeforeAndKeepsSessions) {
  const std::string session = Begin(sessions_.NewToken());
  const std::string old_token = sessions_.NewToken();
  const std::string new_token = sessions_.NewToken();
  EXPECT_EQ(Begin(old_token), "");
  EXPECT_NE(Begin(new_token), "");
  EXPECT_TRUE(sessions_.Has(session));
}

TEST_F(SessionsTest, APartOfATokenIsNone) {
  const std::string token = sessions_.NewToken();
  EXPECT_EQ(Begin(token.substr(0, 42)), "");
  EXPECT_EQ(Begin(token + "A"), "");
  EXPECT_NE(Begin(token), "");
}

// Else any user of the machine could take the link from whoever asked for it.
TEST_F(SessionsTest, WrongTokensLeaveTheRightOneAsItIs) {
  const std::string token = sessions_.NewToken();
  for (int i = 0; i < 3 * Sessions::kManyWrong; ++i) {
    EXPECT_EQ(Begin("wrong"), "");
    EXPECT_TRUE(sessions_.has_token());
  }
  EXPECT_NE(Begin(token), "");
}

TEST_F(SessionsTest, ManyWrongTokensAreKnownForGuessesUntilTheNextLink) {
  sessions_.NewToken();
  for (int i = 0; i < Sessions::kManyWrong; ++i) {
    EXPECT_FALSE(sessions_.was_guessed());
    Begin("wrong");
  }
  EXPECT_TRUE(sessions_.was_guessed());
  Begin("wrong");
  EXPECT_TRUE(sessions_.was_guessed());
  sessions_.NewToken();
  EXPECT_FALSE(sessions_.was_guessed());
}

TEST_F(SessionsTest, TheOldestOfTooManySessionsEnds) {
  const std::string first = Begin(sessions_.NewToken());
  const std::string second = Begin(sessions_.NewToken());
  for (size_t i = 2; i < Sessions::kMaxSessions; ++i) {
    Begin(sessions_.NewToken());
  }
  EXPECT_TRUE(sessions_.Has(first));
  Begin(sessions_.NewToken());
  EXPECT_FALSE(sessions_.Has(first));
  EXPECT_TRUE(sessions_.Has(second));
}

}  // namespace
}  // namespace interlink::cli
