#include "daemon/http/http_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/daemon/http_client.h"
#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The listener with pages of the test, on a loop of its own.
class HttpListenerTest : public ::testing::Test {
 protected:
  HttpListenerTest() {
    auto listener =
        HttpListener::Start(loop_, "127.0.0.1:0",
                            {.metrics = [] { return "some_metric 1\n"; },
                             .is_ready = [this] { return is_ready_.load(); }});
    EXPECT_THAT(listener, IsOk());
    listener_ = *std::move(listener);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~HttpListenerTest() override {
    loop_.Stop();
    thread_.join();
  }

  std::string Ask(const std::string& request) const {
    return HttpClient(listener_->address()).Ask(request);
  }
  std::string Get(const std::string& path) const {
    return Ask("GET " + path +
               " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  std::atomic<bool> is_ready_{true};
  AsioEventLoop loop_;
  std::unique_ptr<HttpListener> listener_;
  std::thread thread_;
};

TEST_F(HttpListenerTest, ServesItsThreePages) {
  EXPECT_THAT(Get("/metrics"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                     HasSubstr("text/plain; version=0.0.4"),
                                     EndsWith("\r\n\r\nsome_metric 1\n")));
  EXPECT_THAT(Get("/metrics?name=x"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get("/healthz"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(Get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nready\n")));
}

TEST_F(HttpListenerTest, SaysSoWhenTheDaemonIsNotReady) {
  is_ready_ = false;
  EXPECT_THAT(Get("/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpListenerTest, HasNothingElse) {
  for (const char* path : {"/", "/metrics/", "/healthz2", "//metrics", "*"}) {
    EXPECT_THAT(Get(path), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(HttpListenerTest, AHeadRequestGetsTheHeaderAlone) {
  EXPECT_THAT(
      Ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: 14\r\n"),
            EndsWith("\r\n\r\n")));
}

TEST_F(HttpListenerTest, OtherMethodsAreToldWhichAreAllowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    EXPECT_THAT(
        Ask(std::string(method) +
            " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            "\r\nhello"),
        AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
}

TEST_F(HttpListenerTest, ALargeBodyIsNotWaitedFor) {
  EXPECT_THAT(Ask("POST /metrics HTTP/1.1\r\nHost: x\r\n"
                  "Content-Length: 4000000000\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: x\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpListenerTest, AHeaderBeyondTheLimitIsRefused) {
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') +
                  "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpListenerTest, WhatIsNoHttpIsRefused) {
  EXPECT_THAT(Ask(std::string("\x16\x03\x01\x02\x00 hello\r\n\r\n", 15)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpListenerTest, AConnectionServesManyRequests) {
  const HttpClient client(listener_->address());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200 "));
  }
  // Two at once.
  ASSERT_TRUE(
      client.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                  "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.ReadUntil("ready\n"), StartsWith("HTTP/1.1 200 "));
  // An older client does not keep it.
  EXPECT_THAT(client.Ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
}

// The limit is five seconds from the first wait, whatever trickles in.
TEST_F(HttpListenerTest, ASlowClientIsHungUpOn) {
  const auto start = steady_clock::now();
  const HttpClient silent(listener_->address());
  const HttpClient slow(listener_->address());
  ASSERT_TRUE(slow.Send("GET /healthz HT"));
  EXPECT_EQ(slow.ReadAll(), "");
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_LT(steady_clock::now() - start, kPatience);
}

// They would keep the kubelet waiting, which would then end the pod.
TEST_F(HttpListenerTest, IdleConnectionsKeepNobodyOut) {
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(std::make_unique<HttpClient>(listener_->address()));
  }
  // The first have not had their time to ask yet.
  EXPECT_TRUE(Eventually([&] { return Get("/healthz").ends_with("ok\n"); }));
}

TEST_F(HttpListenerTest, TheConnectionThatIsIdleForLongestMakesRoom) {
  const auto start = steady_clock::now();
  const HttpClient first(listener_->address());
  const HttpClient second(listener_->address());
  ASSERT_TRUE(first.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_THAT(first.ReadUntil("ok\n"), EndsWith("ok\n"));
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 126; ++i) {
    idle.push_back(std::make_unique<HttpClient>(listener_->address()));
  }
  EXPECT_TRUE(Eventually([&] { return Get("/healthz").ends_with("ok\n"); }));
  EXPECT_EQ(second.ReadAll(), "");
  ASSERT_TRUE(first.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_THAT(first.ReadUntil("ok\n"), EndsWith("ok\n"));
  // It was not their five seconds.
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(4));
}

TEST_F(HttpListenerTest, AnAddressThatIsTakenIsNamed) {
  EXPECT_THAT(HttpListener::Start(loop_, listener_->address(),
                                  {.metrics = [] { return ""; },
                                   .is_ready = [] { return true; }}),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr(listener_->address())));
}

}  // namespace
}  // namespace interlink::daemon
