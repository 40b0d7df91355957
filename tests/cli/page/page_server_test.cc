#include "daemon/cli/page/page_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/page/page_fixture.h"

namespace interlink::cli {
namespace {

using interlink::testing::Eventually;
using interlink::testing::HttpClient;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PageServerTest : public PageFixture {};

TEST_F(PageServerTest, ServesThePageAndWhatItMayDo) {
  Start();
  const std::string answer = Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  for (const char* line :
       {"Content-Type: text/html; charset=utf-8", "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer",
        "Cross-Origin-Opener-Policy: same-origin",
        "Cross-Origin-Resource-Policy: same-origin"}) {
    EXPECT_THAT(answer, HasSubstr("\r\n" + std::string(line) + "\r\n"));
  }
  // Whole, because each part that is missing or added lets something in.
  EXPECT_THAT(
      answer,
      HasSubstr("\r\nContent-Security-Policy: default-src 'none'; script-src "
                "'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'; require-trusted-types-for 'script'; "
                "trusted-types 'none'\r\n"));
  EXPECT_THAT(answer, HasSubstr("<title>Interlink</title>"));
}

TEST_F(PageServerTest, AFileHasItsKindAndHeadHasNoBody) {
  Start();
  const std::string styles =
      Ask("GET /style.css?1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(styles, HasSubstr("Content-Type: text/css; charset=utf-8\r\n"));
  const std::string head = Ask("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n"),
                          Not(HasSubstr("Content-Length: 0"))));
  for (const char* path : {"/index.htm", "//", "/../style.css", "/%2e%2e/x"}) {
    EXPECT_THAT(Ask("GET " + std::string(path) +
                    " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StartsWith("HTTP/1.1 404 "))
        << path;
  }
}

TEST_F(PageServerTest, ALinkMakesASessionAndTheSessionCalls) {
  Start();
  BeginSession();
  const std::string answer = Ask(Call(kGetAccount, "{}"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("account_name":"Mike Brown")"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
}

TEST_F(PageServerTest, ALinkWorksOnce) {
  Start();
  BeginSession();
  const std::string answer =
      Ask(Post("/session", "", R"({"token":")" + token_ + R"("})"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr(R"({"code":"unauthenticated","message":)"
                                R"("TOKEN_INVALID: )"));
}

TEST_F(PageServerTest, WhatIsNoTokenIsRefused) {
  Start();
  for (const char* body : {"", "{", "[]", "{}", R"({"token":1})", "\xff"}) {
    EXPECT_THAT(Ask(Post("/session", "", body)), StartsWith("HTTP/1.1 400 "));
  }
}

TEST_F(PageServerTest, WithoutASessionACallIsRefusedBeforeItsBodyIsRead) {
  Start();
  const std::string answer = Connect().Ask(
      "POST " + std::string(kGetAccount) +
      " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr(R"({"code":"unauthenticated")"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(PageServerTest, RefusesAnotherHostAndAnotherOrigin) {
  Start();
  BeginSession();
  std::string rebound = Call(kGetAccount, "{}");
  rebound.replace(rebound.find("localhost"), 9, "evil.example");
  EXPECT_THAT(Ask(rebound), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(Ask(Post(kGetAccount,
                       Bearer() + "Origin: http://evil.example\r\n", "{}")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(
      Ask(Post(kGetAccount, Bearer() + "Origin: http://localhost\r\n", "{}")),
      StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask(Post(kGetAccount,
                       Bearer() + "Origin: http://localhost\r\n"
                                  "Origin: http://evil.example\r\n",
                       "{}")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(Ask(Post(kGetAccount, Bearer() + "Host: localhost\r\n", "{}")),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(PageServerTest, AConnectionServesRequestsOneAfterTheOther) {
  Start();
  BeginSession();
  const HttpClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Call(kGetAccount, "{}")));
    EXPECT_THAT(client.ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
  }
  ASSERT_TRUE(client.Send(Call(kGetAccount, "{}") + Call(kGetAccount, "{}")));
  EXPECT_THAT(client.ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServerTest, AStreamComesInChunksAndTheConnectionGoesOn) {
  daemon_.watch.emplace_back().set_current(true);
  Start();
  BeginSession();
  const HttpClient client = Connect();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.Send(Watch()));
    const std::string answer = client.ReadUntil("\r\n0\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(answer, HasSubstr(R"({"current":true})"));
    EXPECT_THAT(answer, HasSubstr(R"({"metadata":{}})"));
  }
}

TEST_F(PageServerTest, ABodyInChunksIsTakenAndAClientThatAsksFirstIsTold) {
  Start();
  BeginSession();
  const std::string head = "POST " + std::string(kGetAccount) +
                           " HTTP/1.1\r\nHost: localhost\r\n" + Bearer() +
                           "Content-Type: application/json\r\n" +
                           "Transfer-Encoding: chunked\r\n";
  EXPECT_THAT(Ask(head + "\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send(head + "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("2\r\n{}\r\n0\r\n\r\n"));
  EXPECT_THAT(client.ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServerTest, ACallWhoseBrowserLeavesEndsAtTheDaemon) {
  AnswerNothing();
  Start();
  BeginSession();
  {
    const HttpClient client = Connect();
    ASSERT_TRUE(client.Send(Call(kLink, "{}")));
    ASSERT_TRUE(Eventually([this] { return begun_ == 1; }));
  }
  EXPECT_TRUE(Eventually([this] { return ended_ == 1; }));
}

TEST_F(PageServerTest, TheEndOfThePageEndsItsCalls) {
  AnswerNothing();
  Start();
  BeginSession();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send(Call(kLink, "{}")));
  ASSERT_TRUE(Eventually([this] { return begun_ == 1; }));
  loop_.Post([this] { server_.reset(); });
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_TRUE(Eventually([this] { return ended_ == 1; }));
  loop_.Post([this] { loop_.context().stop(); });
  thread_.join();
  loop_.RunUntil([this] { return api_.calls() == 0; });
}

TEST_F(PageServerTest, ListensOnLoopbackAlone) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0", "localhost:0",
                              "LocalHost:0", "127.1.2.3:0"}) {
    EXPECT_TRUE(Listen(address).ok()) << address;
  }
  for (const char* address : {"0.0.0.0:0", "[::]:0", "10.0.0.5:8080"}) {
    const std::string words = Listen(address).error_message();
    EXPECT_THAT(words, HasSubstr("on loopback only")) << address;
    EXPECT_THAT(words, HasSubstr("ssh -L"));
  }
  for (const char* address : {"", ":0", "127.0.0.1", "127.0.0.1:", "::1:0",
                              "127.0.0.1:65536", "127.0.0.1:-1", "host:0"}) {
    EXPECT_THAT(Listen(address).error_message(),
                HasSubstr("--listen is an address of this machine, or "
                          "localhost, and a port"))
        << address;
  }
}

// Whoever had served an address that was foreseen could have left a service
// worker there, which reads the link.
TEST_F(PageServerTest, ByDefaultItIsWhereNobodyWasBefore) {
  const auto host = [this](const std::string& listen) {
    options_.listen = listen;
    std::unique_ptr<PageServer> server;
    EXPECT_TRUE(
        PageServer::Start(loop_, sessions_, api_, options_, &server).ok());
    return server->address().substr(0, server->address().rfind(':'));
  };
  const std::string first = host(PageServer::Options().listen);
  EXPECT_THAT(first, StartsWith("127."));
  EXPECT_NE(first, "127.0.0.1");
  EXPECT_NE(host("127.0.0.1:0"), first);
  EXPECT_NE(host("localhost:0"), first);
  // Who names an address or a port gets it.
  EXPECT_EQ(host("127.0.0.2:0"), "127.0.0.2");
  EXPECT_EQ(host("[::1]:0"), "[::1]");
}

TEST_F(PageServerTest, ABrowserMayNameItAsTheLinkDoes) {
  Start();
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: " + server_->address() +
                  "\r\nOrigin: http://" + server_->address() + "\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServerTest, APortThatIsTakenIsAnErrorThatSaysSo) {
  Start();
  EXPECT_THAT(Listen(server_->address()).error_message(),
              AllOf(HasSubstr("cannot listen at " + server_->address() + ": "),
                    HasSubstr("in use")));
}

}  // namespace
}  // namespace interlink::cli
