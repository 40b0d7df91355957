#include "daemon/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "daemon/http/status_pages.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::interlink::testing::kPatience;
using ::interlink::testing::StatusIs;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The server with pages of the test, on a loop of its own.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    auto server = HttpServer::Start(
        loop_, pages_,
        {.address = "127.0.0.1:0",
         .setting = "--http-listen",
         .host_names = {*federation::Host::Parse("pbx.example.net")}});
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~HttpServerTest() override {
    loop_.Stop();
    thread_.join();
  }

  std::string Ask(const std::string& request) const {
    return HttpClient(server_->address()).Ask(request);
  }
  std::string Get(const std::string& path) const {
    return Ask("GET " + path +
               " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  std::atomic<bool> is_ready_{true};
  std::atomic<bool> has_new_settings_{true};
  AsioEventLoop loop_;
  StatusPages pages_{[](auto take) { take("some_metric 1\n"); },
                     [this] { return is_ready_.load(); },
                     [this] { return has_new_settings_.load(); }};
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, ServesItsThreePages) {
  EXPECT_THAT(Get("/metrics"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                     HasSubstr("text/plain; version=0.0.4"),
                                     EndsWith("\r\n\r\nsome_metric 1\n")));
  EXPECT_THAT(Get("/metrics?name=x"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get("/healthz"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(Get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nready\n")));
}

TEST_F(HttpServerTest, SaysSoWhenTheDaemonIsNotReady) {
  is_ready_ = false;
  EXPECT_THAT(Get("/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

// It serves as well as before, so whoever sends it calls goes on doing so.
TEST_F(HttpServerTest, ARefusedReloadLeavesTheDaemonReadyInOtherWords) {
  has_new_settings_ = false;
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 200 "),
                                    HasSubstr("\r\n\r\nready, with "),
                                    HasSubstr("reload was refused")));
}

TEST_F(HttpServerTest, HasNothingElse) {
  for (const char* path : {"/", "/metrics/", "/healthz2", "//metrics", "*"}) {
    EXPECT_THAT(Get(path), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(HttpServerTest, AHeadRequestGetsTheHeaderAlone) {
  EXPECT_THAT(Ask("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: "
                  "close\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "),
                    HasSubstr("Content-Length: 14\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, OtherMethodsAreToldWhichAreAllowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    EXPECT_THAT(
        Ask(std::string(method) +
            " /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            "\r\nhello"),
        AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
}

TEST_F(HttpServerTest, ALargeBodyIsNotWaitedFor) {
  EXPECT_THAT(Ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\n"
                  "Content-Length: 4000000000\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AHeaderBeyondTheLimitIsRefused) {
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') +
                  "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, WhatIsNoHttpIsRefused) {
  EXPECT_THAT(Ask(std::string("\x16\x03\x01\x02\x00 hello\r\n\r\n", 15)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AConnectionServesManyRequests) {
  const HttpClient client(server_->address());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        client.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200 "));
  }
  // Two at once.
  ASSERT_TRUE(
      client.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.ReadUntil("ready\n"), StartsWith("HTTP/1.1 200 "));
  // An older client does not keep it.
  EXPECT_THAT(client.Ask("GET /healthz HTTP/1.0\r\n\r\n"), EndsWith("ok\n"));
}

TEST_F(HttpServerTest, AnswersHundredsOfRequestsThatComeAtOnce) {
  const HttpClient client(server_->address());
  std::string requests;
  for (int i = 0; i < 1000; ++i) {
    requests += "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  std::thread sender([&] { EXPECT_TRUE(client.Send(requests)); });
  for (int i = 0; i < 1000; ++i) {
    ASSERT_THAT(client.ReadUntil("ok\n"), StartsWith("HTTP/1.1 200 ")) << i;
  }
  sender.join();
}

TEST_F(HttpServerTest, ARequestThatEndsInItsHeaderIsRefused) {
  const HttpClient client(server_->address());
  ASSERT_TRUE(client.Send("GET /healthz HTTP/1.1\r\nHost: loc"));
  client.EndSending();
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, OneReadsNoRequestWhereAnotherProgramReadsTwo) {
  const std::string within = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const char* framing : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: +5\r\n",
           "Transfer-Encoding: gzip\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Content-Length: 5\nHost: localhost\r\n",
       }) {
    const std::string answer =
        Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n" +
            std::string(framing) + "\r\n" + within);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << framing;
    EXPECT_THAT(answer, Not(HasSubstr("some_metric"))) << framing;
  }
  // What follows a request with a body is its body, and never answered.
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                  "Content-Length: 5\r\n\r\n" +
                  within),
              AllOf(StartsWith("HTTP/1.1 200 "),
                    HasSubstr("Connection: close\r\n"), EndsWith("ok\n")));
}

TEST_F(HttpServerTest, ARequestHasOneHost) {
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                  "Host: 127.0.0.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  // RFC 9112 3.2.2: the URL's host counts.
  EXPECT_THAT(Ask("GET http://localhost:9464/healthz HTTP/1.1\r\n"
                  "Host: evil.example\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask("GET http://evil.example/healthz HTTP/1.1\r\n"
                  "Host: localhost\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
}

TEST_F(HttpServerTest, AZeroByteIsNoPartOfARequest) {
  using namespace std::string_literals;  // They may hold a zero byte.
  for (const std::string& request :
       {"GET /heal\0thz HTTP/1.1\r\nHost: localhost\r\n\r\n"s,
        "GET /healthz HTTP/1.1\r\nHost: local\0host\r\n\r\n"s}) {
    EXPECT_THAT(Ask(request), StartsWith("HTTP/1.1 400 "));
  }
}

TEST_F(HttpServerTest, AWebPageGetsNothingOutOfABrowser) {
  const auto get = [this](const std::string& headers) {
    return Ask("GET /metrics HTTP/1.1\r\nConnection: close\r\n" + headers +
               "\r\n");
  };
  EXPECT_THAT(get("Host: pbx.example.net:9464\r\n"),
              StartsWith("HTTP/1.1 200 "));
  // As the kubelet and Prometheus ask.
  EXPECT_THAT(get("Host: 10.42.0.7:9464\r\nUser-Agent: kube-probe/1.30\r\n"),
              StartsWith("HTTP/1.1 200 "));
  for (const char* headers :
       {"Host: evil.example:9464\r\n", "Host: localhost.evil.example\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
        "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n",
        "Host: localhost\r\nSec-Fetch-Site: same-origin\r\n",
        "Host: localhost\r\nSec-Fetch-Site: none\r\nX: y\r\n"
        "Sec-Fetch-Site: cross-site\r\n",
        "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"
        "Sec-Fetch-Site: none\r\n",
        "Host: localhost\r\nOrigin: \r\n"}) {
    EXPECT_THAT(get(headers), AllOf(StartsWith("HTTP/1.1 403 "),
                                    Not(HasSubstr("some_metric"))))
        << headers;
  }
}

TEST_F(HttpServerTest, AnAnswerSaysWhenItWasGiven) {
  EXPECT_THAT(Get("/healthz"),
              ContainsRegex("Date: [A-Z][a-z][a-z], [0-9]+ [A-Z][a-z]+ "
                            "[0-9]+ [0-9]+:[0-9]+:[0-9]+ GMT"));
}

// The limit is five seconds from the first wait, whatever trickles in.
TEST_F(HttpServerTest, ASlowClientIsHungUpOn) {
  const auto start = steady_clock::now();
  const HttpClient silent(server_->address());
  const HttpClient slow(server_->address());
  ASSERT_TRUE(slow.Send("GET /healthz HT"));
  EXPECT_EQ(slow.ReadAll(), "");
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_LT(steady_clock::now() - start, kPatience);
}

// They would keep the kubelet waiting, which would then end the pod.
TEST_F(HttpServerTest, IdleConnectionsKeepNobodyOut) {
  const auto start = steady_clock::now();
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(std::make_unique<HttpClient>(server_->address()));
  }
  // The first have not had their time to ask yet.
  EXPECT_TRUE(Eventually([&] { return Get("/healthz").ends_with("ok\n"); }));
  // It was not their five seconds.
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(4));
}

TEST_F(HttpServerTest, TheConnectionThatIsIdleForLongestMakesRoom) {
  const auto start = steady_clock::now();
  const HttpClient first(server_->address());
  const HttpClient second(server_->address());
  for (const HttpClient* client : {&second, &first}) {
    ASSERT_TRUE(
        client->Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_THAT(client->ReadUntil("ok\n"), EndsWith("ok\n"));
  }
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 126; ++i) {
    idle.push_back(std::make_unique<HttpClient>(server_->address()));
  }
  EXPECT_TRUE(Eventually([&] { return Get("/healthz").ends_with("ok\n"); }));
  EXPECT_EQ(second.ReadAll(), "");
  ASSERT_TRUE(first.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(first.ReadUntil("ok\n"), EndsWith("ok\n"));
  // It was not their five seconds.
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(4));
}

// Pages for which 127.0.0.2 is a guest, and which never answer a guest.
class PagesWithGuests final : public HttpPages {
 public:
  Caller CallerAt(const boost::asio::ip::address& source) const override {
    return source.to_string() == "127.0.0.2" ? Caller::kGuest : Caller::kOwn;
  }
  void Answer(const HttpRequest& request, Respond respond) override {
    if (CallerAt(request.source) == Caller::kOwn) return respond({});
    waiting_.push_back(std::move(respond));
    ++waiting;
  }
  HttpResponse Refuse(const HttpRefusal& refusal,
                      const boost::asio::ip::address& /*source*/) override {
    return {.status = refusal.status};
  }

  std::atomic<int> waiting{0};

 private:
  std::vector<Respond> waiting_;
};

TEST(HttpServerGuestsTest, GuestsThatWaitTakeNoPlaceFromTheOthers) {
  constexpr int kPlaces = 4;
  AsioEventLoop loop;
  PagesWithGuests pages;
  auto server = HttpServer::Start(loop, pages,
                                  {.address = "127.0.0.1:0",
                                   .setting = "--http-listen",
                                   .connections = kPlaces});
  ASSERT_THAT(server, IsOk());
  std::thread thread([&loop] { loop.Run(); });
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::vector<std::unique_ptr<HttpClient>> guests;
  for (int i = 0; i < 2 * kPlaces; ++i) {
    guests.push_back(
        std::make_unique<HttpClient>((*server)->address(), "127.0.0.2"));
    EXPECT_TRUE(guests.back()->Send(request));
  }
  EXPECT_TRUE(Eventually([&] { return pages.waiting == 2 * kPlaces; }));
  const HttpClient own((*server)->address());
  EXPECT_TRUE(own.Send(request));
  EXPECT_THAT(own.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  loop.Stop();
  thread.join();
}

TEST_F(HttpServerTest, AnAddressThatIsTakenIsNamed) {
  EXPECT_THAT(HttpServer::Start(loop_, pages_, {.address = server_->address()}),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(server_->address()),
                             HasSubstr("name another port"))));
}

}  // namespace
}  // namespace interlink::daemon
