#include "daemon/http/pbx_http_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPbxToken[] = "a-secret-of-the-pbx-1";
constexpr char kStranger[] = "127.0.0.9";

// The door of a whole daemon that has number 201, over real sockets. The PBX is
// at 127.0.0.1, a desk phone at 127.0.0.2.
class PbxHttpDoorTest : public ::testing::Test {
 protected:
  void Start(const std::function<void(Config&)>& change = [](Config&) {}) {
    daemon_ = std::make_unique<RunningDaemon>([&](Config& config) {
      config.pbx_http_listen = "127.0.0.1:0";
      config.pbx_http_allow = {*AddressRange::Parse("127.0.0.1")};
      config.phonebook_allow = {*AddressRange::Parse("127.0.0.2")};
      change(config);
    });
    ASSERT_THAT(daemon_->started(), IsOk());
    v1::CreateNumberRequest request;
    request.mutable_number()->set_number("201");
    request.mutable_number()->set_destination("sip:reception@10.0.0.5");
    grpc::ClientContext context;
    SetPatience(context);
    v1::CreateNumberResponse response;
    ASSERT_TRUE(ApiClient(daemon_->Admin())
                    .numbers->CreateNumber(&context, request, &response)
                    .ok());
  }

  std::string address() const { return daemon_->Ready("pbx_http"); }
  std::string Get(const std::string& target, const std::string& headers = "",
                  const std::string& from = "127.0.0.1") const {
    return HttpClient(address(), from)
        .Ask("GET " + target +
             " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + headers +
             "\r\n");
  }
  std::string Resolve(const std::string& headers = "") const {
    return Get("/v1/resolve?number=201", headers);
  }
  std::string Metrics() const {
    return HttpClient(daemon_->Ready("http"))
        .Ask("GET /metrics HTTP/1.0\r\n\r\n");
  }

  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(PbxHttpDoorTest, IsClosedUnlessItWasAskedFor) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(daemon.Ready("pbx_http"), "");
  EXPECT_THAT(HttpClient(daemon.Ready("http"))
                  .Ask("GET /v1/resolve?number=201 HTTP/1.0\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
}

TEST_F(PbxHttpDoorTest, AnswersWhatAsteriskAsks) {
  Start();
  const HttpClient asterisk(address());
  // It keeps the connection for the next call.
  for (int call = 0; call < 3; ++call) {
    ASSERT_TRUE(
        asterisk.Send("GET /v1/resolve?number=201 HTTP/1.1\r\n"
                      "Host: 127.0.0.1:8088\r\n"
                      "User-Agent: asterisk-libcurl-agent/1.0\r\n"
                      "Accept: */*\r\n\r\n"));
    EXPECT_THAT(asterisk.ReadUntil("10.0.0.5"),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                      HasSubstr("Content-Type: text/plain"),
                      HasSubstr("Content-Length: 22\r\n"),
                      EndsWith("\r\n\r\nsip:reception@10.0.0.5")));
  }
  EXPECT_THAT(asterisk.Ask("HEAD /v1/resolve?number=201 HTTP/1.0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "),
                    HasSubstr("Content-Length: 22\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(PbxHttpDoorTest, WhatIsRefusedHasAReasonAndNoBody) {
  Start();
  const auto refused = [](const std::string& status,
                          const std::string& reason) {
    return AllOf(StartsWith("HTTP/1.1 " + status + " "),
                 HasSubstr("X-Interlink-Reason: " + reason + "\r\n"),
                 HasSubstr("Content-Length: 0\r\n"), EndsWith("\r\n\r\n"));
  };
  const HttpClient client(address());
  EXPECT_THAT(Get("/v1/resolve?number=555"),
              refused("404", "NUMBER_NOT_FOUND"));
  EXPECT_THAT(Get("/v1/resolve"), refused("400", "REQUEST_INVALID"));
  EXPECT_THAT(Resolve("Origin: http://127.0.0.1\r\n"),
              refused("403", "NOT_PERMITTED"));
  EXPECT_THAT(Get("/v1/phonebook?format=csv"), refused("403", "NOT_PERMITTED"));
  EXPECT_THAT(Resolve("X: " + std::string(9000, 'x') + "\r\n"),
              refused("431", "REQUEST_INVALID"));
  EXPECT_THAT(HttpClient(address()).Ask("hello\r\n\r\n"),
              refused("400", "REQUEST_INVALID"));
  EXPECT_THAT(HttpClient(address()).Ask(
                  "POST /v1/resolve?number=201 HTTP/1.1\r\nHost: localhost\r\n"
                  "Connection: close\r\n\r\n"),
              AllOf(refused("405", "REQUEST_INVALID"),
                    HasSubstr("Allow: GET, HEAD\r\n")));
}

TEST_F(PbxHttpDoorTest, AStrangerIsRefusedAndHoldsNoPlaceOfThePbx) {
  Start();
  std::vector<std::unique_ptr<HttpClient>> strangers;
  for (int i = 0; i < 50; ++i) {
    strangers.push_back(std::make_unique<HttpClient>(address(), kStranger));
  }
  EXPECT_THAT(Resolve(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(Eventually([&] {
    const std::string answer = Get("/v1/resolve?number=201", "", kStranger);
    return answer.starts_with("HTTP/1.1 403 Forbidden\r\n") &&
           answer.find(std::string(kStranger) +
                       " is not in --pbx-http-allow") != answer.npos;
  }));
  // They have few places, in which they are counted and give way to each other.
  const std::string page = Metrics();
  const std::string refused =
      "\ninterlink_connections_refused_total{door=\"pbx_http\",reason=";
  for (const char* reason : {"\"stranger\"} ", "\"too_many\"} "}) {
    EXPECT_THAT(page, HasSubstr(refused + reason));
    EXPECT_THAT(page, Not(HasSubstr(refused + reason + "0\n")));
  }
}

TEST_F(PbxHttpDoorTest, ADeskPhoneReadsThePhoneBookAlone) {
  Start();
  EXPECT_THAT(Get("/v1/phonebook?format=csv", "", "127.0.0.2"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("text/csv"),
                    EndsWith("\r\n\r\nnumber,name\r\n")));
  EXPECT_THAT(Get("/v1/resolve?number=201", "", "127.0.0.2"),
              AllOf(StartsWith("HTTP/1.1 403 "),
                    HasSubstr("127.0.0.2 is not in --pbx-http-allow")));
}

TEST_F(PbxHttpDoorTest, HostileRequestsDoNotDisturbAGoodOne) {
  Start();
  const std::string hostile[] = {
      "GET /v1/resolve?number=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /v1/resolve?number=1&number=2 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      std::string("\x16\x03\x01\0\xff", 5),
      std::string(9000, 'A'),
      "GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: x\r\n\r\n",
      ""};
  const HttpClient pbx(address());
  for (int i = 0; i < 10'000; ++i) {
    const HttpClient client(address());
    client.Send(hostile[static_cast<size_t>(i) % std::size(hostile)]);
    if (i % 100 != 0) continue;
    ASSERT_TRUE(pbx.Send(
        "GET /v1/resolve?number=201 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_THAT(pbx.ReadUntil("10.0.0.5"), StartsWith("HTTP/1.1 200 ")) << i;
  }
}

TEST_F(PbxHttpDoorTest, ATokenIsAskedForAndReadAgain) {
  std::string file;
  Start([&](Config& config) {
    file = config.data_dir + "-token";
    std::ofstream(file) << kPbxToken << "\n";
    config.pbx_http_token = file;
  });
  EXPECT_THAT(
      Resolve(),
      AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("WWW-Authenticate: Bearer"),
            HasSubstr("WWW-Authenticate: Basic"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(Get("/v1/resolve?number=201&token=" + std::string(kPbxToken)),
              StartsWith("HTTP/1.1 401 "));
  const auto bearer = [](const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  };
  EXPECT_THAT(Resolve(bearer(kPbxToken)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Resolve("Authorization: Basic " +
                      absl::Base64Escape(std::string("asterisk:") + kPbxToken) +
                      "\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Resolve(bearer(kPbxToken) + bearer("another")),
              StartsWith("HTTP/1.1 400 "));
  const std::string fresh = "another-secret-of-the-pbx";
  std::ofstream(file) << fresh << "\n";
  daemon_->Reload();
  EXPECT_TRUE(Eventually(
      [&] { return Resolve(bearer(fresh)).starts_with("HTTP/1.1 200 "); }));
  EXPECT_THAT(Resolve(bearer(kPbxToken)), StartsWith("HTTP/1.1 401 "));
  // A bad one changes nothing.
  std::ofstream(file) << "short";
  daemon_->Reload();
  Metrics();  // The loop has read the file before it serves this.
  EXPECT_THAT(Resolve(bearer(fresh)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Resolve(), StartsWith("HTTP/1.1 401 "));
}

TEST_F(PbxHttpDoorTest, ADoorThatTheSettingsCloseStaysAsItWas) {
  Start();
  daemon_->Reload([](Config& config) {
    config.pbx_http_listen = "";
    config.pbx_http_allow = {};
  });
  Metrics();  // The loop has read the settings before it serves this.
  EXPECT_THAT(Resolve(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PbxHttpDoorTest, ATokenThatCannotBeReadStopsTheStart) {
  RunningDaemon daemon([](Config& config) {
    config.pbx_http_listen = "127.0.0.1:0";
    config.pbx_http_token = config.data_dir + "-token";
  });
  EXPECT_THAT(daemon.started(), StatusIs(absl::StatusCode::kInvalidArgument,
                                         AllOf(HasSubstr("--pbx-http-token"),
                                               HasSubstr("there is no file"))));
}

TEST_F(PbxHttpDoorTest, IsMeasured) {
  Start();
  Resolve();
  Get("/v1/resolve?number=555");
  Get("/v1/phonebook?format=csv");  // Is refused, which takes no time.
  const std::string page = Metrics();
  EXPECT_THAT(page, HasSubstr("interlink_pbx_http_requests_total{page="
                              "\"resolve\",status=\"200\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("interlink_pbx_http_requests_total{page="
                              "\"resolve\",status=\"404\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("interlink_pbx_http_seconds_count 2\n"));
  EXPECT_THAT(page,
              HasSubstr("interlink_pbx_http_seconds_bucket{le=\"+Inf\"} 2\n"));
}

TEST_F(PbxHttpDoorTest, EndsWithTheDaemonWhileConnectionsAreOpen) {
  Start();
  const HttpClient idle(address());
  const HttpClient asking(address());
  asking.Send("GET /v1/resolve?number=2");
  daemon_->Stop();
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_EQ(asking.ReadAll(), "");
}

}  // namespace
}  // namespace interlink::daemon
