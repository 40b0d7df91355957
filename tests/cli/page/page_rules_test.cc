#include "daemon/cli/page/page_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace interlink::cli {
namespace {

using ::testing::HasSubstr;

class PageRulesTest : public ::testing::Test {
 protected:
  PageRulesTest() {
    EXPECT_TRUE(sessions_.Begin(sessions_.NewToken(), &session_).ok());
    authorization_ = "Bearer " + session_;
  }

  // What a browser with the page in it asks.
  PageRequest Call() const {
    return {.method = "POST",
            .target = "/interlink.v1.DaemonService/GetAccount",
            .hosts = 1,
            .host = "127.0.0.1:8080",
            .origins = 1,
            .origin = "http://127.0.0.1:8080",
            .authorization = authorization_};
  }
  // The HTTP status with which it is refused, or 0.
  int StatusOf(const PageRequest& request) {
    const auto refusal = CheckRequest(request, sessions_, &target_);
    if (refusal) words_ = refusal->why.error_message();
    return refusal ? refusal->status : 0;
  }

  Sessions sessions_;
  std::string session_;
  std::string authorization_;
  PageTarget target_{};
  std::string words_;
};

TEST_F(PageRulesTest, ThePageMayCall) {
  EXPECT_EQ(StatusOf(Call()), 0);
  EXPECT_EQ(target_, PageTarget::kApi);
}

TEST_F(PageRulesTest, AProgramThatIsNoBrowserMayCallWithASession) {
  PageRequest request = Call();
  request.origins = 0;
  request.origin = "";
  EXPECT_EQ(StatusOf(request), 0);
}

// DNS rebinding: a name of somebody else's that was made to lead here.
TEST_F(PageRulesTest, AHostThatIsNotLoopbackIsRefused) {
  PageRequest request = Call();
  for (const char* host :
       {"evil.example", "evil.example:8080", "127.0.0.1.evil.example:8080",
        "localhost.evil.example", "10.0.0.5:8080", "0.0.0.0:8080", "",
        "[::2]:8080", "[::1", "::1", "127.0.0.1:80:80", "127.0.0.1:evil",
        "localhost@evil.example", "[127.0.0.1]x", "128.0.0.1"}) {
    const std::string origin = "http://" + std::string(host);
    request.host = host;
    request.origin = origin;
    EXPECT_EQ(StatusOf(request), 403) << host;
  }
  EXPECT_THAT(words_, HasSubstr("only at addresses of loopback"));
}

TEST_F(PageRulesTest, AnyNameOfLoopbackWillDoAtAnyPort) {
  PageRequest request = Call();
  for (const char* host : {"127.0.0.1", "127.0.0.1:1", "localhost:65535",
                           "LocalHost:8080", "[::1]:8080", "127.8.9.10:80"}) {
    const std::string origin = "http://" + std::string(host);
    request.host = host;
    request.origin = origin;
    EXPECT_EQ(StatusOf(request), 0) << host;
  }
}

TEST_F(PageRulesTest, ARequestHasOneHost) {
  PageRequest request = Call();
  request.hosts = 0;
  EXPECT_EQ(StatusOf(request), 400);
  request.hosts = 2;
  EXPECT_EQ(StatusOf(request), 400);
}

TEST_F(PageRulesTest, AnotherOriginIsRefusedAlsoForTheFilesAndTheSession) {
  for (const char* origin :
       {"http://evil.example", "null", "", "http://127.0.0.1:9090",
        "http://127.0.0.1", "http://localhost:8080", "https://127.0.0.1:8080",
        "http://127.0.0.1:80800", "http://127.0.0.1:8080/"}) {
    PageRequest request = Call();
    request.origin = origin;
    EXPECT_EQ(StatusOf(request), 403) << origin;
    EXPECT_THAT(words_, HasSubstr("another web page"));
    request.target = "/session";
    EXPECT_EQ(StatusOf(request), 403) << origin;
    request.method = "GET";
    request.target = "/";
    EXPECT_EQ(StatusOf(request), 403) << origin;
  }
}

TEST_F(PageRulesTest, TheSecondOfTwoOriginsIsNotOverlooked) {
  PageRequest request = Call();
  request.origins = 2;
  EXPECT_EQ(StatusOf(request), 403);
}

TEST_F(PageRulesTest, ACallNeedsASession) {
  for (const std::string& shown :
       {std::string(), std::string("Bearer "), std::string("Bearer x"),
        session_, "Basic " + session_, "Bearer " + session_ + "x",
        "Bearer " + session_.substr(1)}) {
    PageRequest request = Call();
    request.authorization = shown;
    EXPECT_EQ(StatusOf(request), 401) << shown;
    EXPECT_THAT(words_, HasSubstr("SESSION_UNKNOWN: "));
  }
}

TEST_F(PageRulesTest, TheFilesAndTheSessionNeedNone) {
  PageRequest request = Call();
  request.authorization = "";
  request.target = "/session";
  EXPECT_EQ(StatusOf(request), 0);
  EXPECT_EQ(target_, PageTarget::kSession);
  request.target = "/session?";
  EXPECT_EQ(StatusOf(request), 401);
  request.target = "/style.css";
  for (const char* method : {"GET", "HEAD"}) {
    request.method = method;
    EXPECT_EQ(StatusOf(request), 0);
    EXPECT_EQ(target_, PageTarget::kSite);
  }
}

// Above all OPTIONS, by which a browser asks whether another page may call.
TEST_F(PageRulesTest, OtherMethodsAreRefused) {
  PageRequest request = Call();
  for (const char* method : {"OPTIONS", "PUT", "DELETE", "PATCH", "CONNECT"}) {
    request.method = method;
    EXPECT_EQ(StatusOf(request), 405) << method;
  }
}

TEST_F(PageRulesTest, ATargetIsAPathOfThisServer) {
  PageRequest request = Call();
  request.target = "http://evil.example/interlink.v1.DaemonService/GetAccount";
  EXPECT_EQ(StatusOf(request), 400);
  request.target = "*";
  EXPECT_EQ(StatusOf(request), 400);
}

}  // namespace
}  // namespace interlink::cli
