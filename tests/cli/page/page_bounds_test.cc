#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/cli/page/page_fixture.h"

namespace interlink::cli {
namespace {

using interlink::testing::Eventually;
using interlink::testing::HttpClient;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PageBoundsTest : public PageFixture {
 protected:
  // A stream that stays open, of which `client` has the first message.
  void BeginWatch(const HttpClient& client) {
    daemon_.watch.emplace_back().set_current(true);
    daemon_.watch_stays_open = true;
    ASSERT_TRUE(client.Send(Watch()));
    EXPECT_THAT(client.ReadUntil("}\r\n"), HasSubstr("current"));
  }
};

TEST_F(PageBoundsTest, AHeaderHas32KiB) {
  Start();
  EXPECT_THAT(Connect().Ask("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " +
                            std::string(40'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " +
                  std::string(16'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageBoundsTest, ABodyHasItsBoundWhicheverWayItComes) {
  options_.body_bytes = 10'000;
  Start();
  BeginSession();
  const std::string body(10'001, ' ');
  EXPECT_THAT(Ask(Call(kGetAccount, body)),
              AllOf(StartsWith("HTTP/1.1 413 "),
                    HasSubstr(R"({"code":"resource_exhausted")"),
                    HasSubstr("at most 10000 bytes")));
  const std::string chunked =
      "POST " + std::string(kGetAccount) + " HTTP/1.1\r\nHost: localhost\r\n" +
      Bearer() + "Content-Type: application/json\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n2711\r\n" + body + "\r\n0\r\n\r\n";
  EXPECT_THAT(Ask(chunked), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask(Call(kGetAccount, "{}" + std::string(9'998, ' '))),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageBoundsTest, WithoutASessionABodyIsSmall) {
  Start();
  EXPECT_THAT(Ask(Post("/session", "", std::string(4'097, ' '))),
              AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("at most 4096")));
  EXPECT_THAT(Ask(Post("/session", "", std::string(4'096, ' '))),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(PageBoundsTest, WhatIsNoHttp11IsRefused) {
  Start();
  EXPECT_THAT(Connect().Ask("GET / HTTP/1.0\r\n\r\n"),
              StartsWith("HTTP/1.1 505 "));
  EXPECT_THAT(Connect().Ask("\x16\x03\x01\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Connect().Ask("POST /session HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Length: 2\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(PageBoundsTest, ARequestThatIsLongInComingEnds) {
  options_.request_time = milliseconds(500);
  Start();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send("GET / HTT"));
  EXPECT_EQ(client.ReadAll(), "");
  BeginSession();
  const HttpClient in_body = Connect();
  std::string request = Call(kGetAccount, "{}");
  request.pop_back();
  ASSERT_TRUE(in_body.Send(request));
  EXPECT_EQ(in_body.ReadAll(), "");
}

TEST_F(PageBoundsTest, AnIdleConnectionEnds) {
  options_.idle_time = milliseconds(500);
  Start();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageBoundsTest, ACallMayTakeLongerThanARequestOrAnAnswerMay) {
  options_.request_time = milliseconds(500);
  options_.idle_time = milliseconds(500);
  options_.answer_time = milliseconds(50);
  Start();
  BeginSession();
  const HttpClient client = Connect();
  BeginWatch(client);
  const HttpClient other = Connect();
  ASSERT_TRUE(other.Send("GET / HTT"));
  EXPECT_EQ(other.ReadAll(), "");  // Longer than 500 ms.
  EXPECT_FALSE(client.IsClosed());
}

TEST_F(PageBoundsTest, ABrowserThatDoesNotReadLosesItsConnection) {
  options_.answer_time = milliseconds(50);
  v1::WatchInterlinksResponse large;
  large.mutable_interlink()->set_name(std::string(1 << 20, 'a'));
  daemon_.watch.assign(50, large);
  Start();
  BeginSession();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send(Watch()));
  ASSERT_TRUE(Eventually([this] { return Calls() == 1; }));
  EXPECT_TRUE(Eventually([this] { return Calls() == 0; }));
}

// At once, and then in words: a connection that is reset says nothing.
TEST_F(PageBoundsTest, MuchAfterTheRequestOfAStreamEndsItInItsLastEnvelope) {
  Start();
  BeginSession();
  const HttpClient client = Connect();
  BeginWatch(client);
  ASSERT_TRUE(client.Send(std::string(100'000, ' ')));
  EXPECT_THAT(
      client.ReadAll(),
      AllOf(HasSubstr(R"({"error":{"code":"invalid_argument")"),
            HasSubstr("more than 40 KiB came"), EndsWith("\r\n0\r\n\r\n")));
  EXPECT_TRUE(Eventually([this] { return Calls() == 0; }));
}

TEST_F(PageBoundsTest, MuchAfterTheRequestOfACallIsRefused) {
  AnswerNothing();
  Start();
  BeginSession();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send(Call(kLink, "{}") + std::string(100'000, ' ')));
  EXPECT_THAT(
      client.ReadAll(),
      AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("\r\nConnection: close\r\n"),
            HasSubstr(R"({"code":"invalid_argument")"),
            HasSubstr("more than 40 KiB came")));
  EXPECT_TRUE(Eventually([this] { return Calls() == 0; }));
}

TEST_F(PageBoundsTest, TheNextRequestMayComeBeforeTheAnswer) {
  Start();
  BeginSession();
  const HttpClient client = Connect();
  ASSERT_TRUE(client.Send(
      Call(kGetAccount, "{}") + Call(kGetAccount, "{}") +
      Post(kGetAccount,
           Bearer() + "Cookie: " + std::string(30'000, 'a') + "\r\n", "{}")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(client.ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(PageBoundsTest, WithoutDescriptorsItGoesOnOnceThereAreSome) {
  Start();
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  const int free_one = dup(STDERR_FILENO);
  close(free_one);
  rlimit tight = usual;
  tight.rlim_cur = free_one + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  const HttpClient client = Connect();  // Takes the only one.
  ASSERT_TRUE(client.Send(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  // Until the page has tried.
  for (int turn = 0; turn < 10; ++turn) {
    std::promise<void> done;
    loop_.Post([&done] { done.set_value(); });
    done.get_future().wait();
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 200 "));
}

// Other users of this machine can connect as well.
TEST_F(PageBoundsTest, ConnectionsThatSayNothingKeepNobodyOut) {
  options_.connections = 4;
  AnswerNothing();
  Start();
  BeginSession();
  const HttpClient page = Connect();
  ASSERT_TRUE(page.Send(Call(kLink, "{}")));
  ASSERT_TRUE(Eventually([this] { return begun_ == 1; }));
  std::vector<std::unique_ptr<HttpClient>> strangers;
  for (int i = 0; i < 20; ++i) {
    strangers.push_back(std::make_unique<HttpClient>(server_->address()));
  }
  EXPECT_EQ(strangers.front()->ReadAll(), "");
  EXPECT_THAT(Ask(Call(kGetAccount, "{}")), StartsWith("HTTP/1.1 200 "));
  EXPECT_FALSE(page.IsClosed());
}

TEST_F(PageBoundsTest, ConnectionsThatHaveShownASessionStay) {
  options_.connections = 2;
  Start();
  BeginSession();
  const HttpClient first = Connect();
  const HttpClient second = Connect();
  for (const HttpClient* client : {&first, &second}) {
    ASSERT_TRUE(client->Send(Call(kGetAccount, "{}")));
    client->ReadUntil("}");
  }
  EXPECT_EQ(Connect().ReadAll(), "");
  for (const HttpClient* client : {&first, &second}) {
    ASSERT_TRUE(client->Send(Call(kGetAccount, "{}")));
    EXPECT_THAT(client->ReadUntil("}"), StartsWith("HTTP/1.1 200 "));
  }
}

}  // namespace
}  // namespace interlink::cli
