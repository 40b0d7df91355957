#include "daemon/api/api_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_files.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::ClientCredentials;
using ::interlink::testing::Eventually;
using ::interlink::testing::HttpClient;
using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::interlink::testing::TempDir;
using ::interlink::testing::TestAuthority;
using ::interlink::testing::TlsFiles;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// Leaves a socket file that nobody serves, as a killed daemon does.
void LeaveSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(
      bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
      0);
  close(listener);
}

mode_t ModeOf(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

grpc::health::v1::HealthCheckResponse::ServingStatus Health(
    const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  response.ParseFromString(
      Call(channel, "grpc.health.v1.Health/Check", request.SerializeAsString())
          .answer);
  return response.status();
}

TEST(ApiListenerTest, SocketsAreOpenToTheirGroupAndGoAtTheEnd) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(ModeOf(daemon.config().api_socket), 0660u);
  EXPECT_EQ(ModeOf(daemon.config().pbx_socket), 0660u);
  daemon.Stop();
  EXPECT_FALSE(std::filesystem::exists(daemon.config().api_socket));
  EXPECT_FALSE(std::filesystem::exists(daemon.config().pbx_socket));
}

TEST(ApiListenerTest, AFolderForTheSocketIsMade) {
  RunningDaemon daemon([](Config& config) {
    config.api_socket = config.data_dir + "/../run/interlink/api.sock";
  });
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_TRUE(ApiClient(daemon.Admin()).GetAccount().ok());
}

TEST(ApiListenerTest, ASocketLeftByADeadDaemonIsReplaced) {
  const TempDir dir;
  LeaveSocket(dir.File("api.sock"));
  RunningDaemon daemon(
      [&](Config& config) { config.api_socket = dir.File("api.sock"); });
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_TRUE(ApiClient(daemon.Admin()).GetAccount().ok());
}

TEST(ApiListenerTest, TheSocketOfALivingDaemonIsLeftToIt) {
  RunningDaemon first;
  ASSERT_THAT(first.started(), IsOk());
  {
    RunningDaemon second(
        [&](Config& config) { config.api_socket = first.config().api_socket; });
    EXPECT_THAT(second.started(),
                StatusIs(absl::StatusCode::kUnavailable,
                         AllOf(HasSubstr("another daemon serves"),
                               HasSubstr(first.config().api_socket))));
  }
  EXPECT_TRUE(ApiClient(first.Admin()).GetAccount().ok());
}

TEST(ApiListenerTest, AFileThatIsNoSocketIsNotTouched) {
  const TempDir dir;
  std::ofstream(dir.File("api.sock")) << "notes";
  const RunningDaemon daemon(
      [&](Config& config) { config.api_socket = dir.File("api.sock"); });
  EXPECT_THAT(daemon.started(), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("is not a socket")));
  EXPECT_TRUE(std::filesystem::is_regular_file(dir.File("api.sock")));
}

TEST(ApiListenerTest, APathThatIsTooLongIsRefusedWithItsLimit) {
  const RunningDaemon daemon(
      [&](Config& config) { config.api_socket += std::string(120, 'x'); });
  EXPECT_THAT(daemon.started(), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("107 bytes")));
}

TEST(ApiListenerTest, APathMayHaveSpacesAndSigns) {
  const TempDir dir;
  const std::string path = dir.File("my 100% #1?.sock");
  RunningDaemon daemon([&](Config& config) { config.api_socket = path; });
  ASSERT_THAT(daemon.started(), IsOk());
  EXPECT_EQ(daemon.Ready("api"), "unix:" + path);
  EXPECT_EQ(ModeOf(path), 0660u);
  const auto channel = Connect("unix:" + dir.File("my%20100%25%20%231%3F.sock"),
                               grpc::InsecureChannelCredentials());
  EXPECT_TRUE(ApiClient(channel).GetAccount().ok());
}

TEST(ApiListenerTest, TellsTheHealthOfTheWholeAndOfEachService) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  for (const auto& channel : {daemon.Admin(), daemon.Pbx()}) {
    for (const std::string service :
         {"", "interlink.v1.InterlinkService", "interlink.v1.NumberService",
          "interlink.v1.ResolverService", "interlink.v1.DaemonService"}) {
      EXPECT_EQ(Health(channel, service),
                grpc::health::v1::HealthCheckResponse::SERVING)
          << service;
    }
  }
}

// Health and reflection are gRPC's, and parse their requests themselves: their
// errors have gRPC's words and no reason of ours, and reflection takes bytes
// that are no request for the end of the stream.
TEST(ApiListenerTest, TheServicesOfGrpcRefuseWhatTheyCannotParseInTheirOwnWay) {
  RunningDaemon daemon;
  ASSERT_THAT(daemon.started(), IsOk());
  for (const auto& channel : {daemon.Admin(), daemon.Pbx()}) {
    // Field 1: a text that ends too early, and one that is not UTF-8.
    for (const std::string request : {"\x0a\x05", "\x0a\x02\xff\xfe"}) {
      const Outcome check =
          Call(channel, "grpc.health.v1.Health/Check", request);
      EXPECT_EQ(check.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(check.status.error_message(), "could not parse request");
      const Outcome watch =
          Call(channel, "grpc.health.v1.Health/Watch", request);
      EXPECT_EQ(watch.status.error_code(), grpc::StatusCode::INTERNAL);
      EXPECT_EQ(watch.status.error_message(), "could not parse request");
      const Outcome reflection =
          Call(channel,
               "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
               request);
      EXPECT_TRUE(reflection.status.ok());
      for (const Outcome* outcome : {&check, &watch, &reflection}) {
        EXPECT_FALSE(outcome->answered);
        EXPECT_EQ(outcome->status.error_details(), "");
      }
    }
    EXPECT_EQ(Call(channel, "grpc.health.v1.Health/Check", "\x0a\x02no")
                  .status.error_code(),
              grpc::StatusCode::NOT_FOUND);
  }
}

// With mutual TLS, on a port that the system gives.
class TcpApiTest : public ::testing::Test {
 protected:
  TcpApiTest()
      : authority_(dir_.File("ca")),
        server_(authority_.Issue(dir_.File("server"), "IP:127.0.0.1")),
        client_(authority_.Issue(dir_.File("client"),
                                 "URI:interlink://role/admin")) {}

  std::unique_ptr<RunningDaemon> Start() const {
    return std::make_unique<RunningDaemon>([this](Config& config) {
      config.api_listen = "127.0.0.1:0";
      config.api_cert = server_.certificate;
      config.api_key = server_.key;
      config.api_client_ca = authority_.certificate();
    });
  }

  grpc::Status GetAccountBy(const RunningDaemon& daemon,
                            const std::string& trusted,
                            bool wait_for_ready = false) const {
    return ApiClient(Connect(daemon.Ready("api_tcp"),
                             ClientCredentials(trusted, client_)))
        .GetAccount(nullptr, wait_for_ready);
  }

  TempDir dir_;
  TestAuthority authority_;
  TlsFiles server_;
  TlsFiles client_;
};

TEST_F(TcpApiTest, FilesThatCannotBeUsedAreNamedAtTheStart) {
  server_.key = dir_.File("none.key");
  EXPECT_THAT(Start()->started(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--api-key"), HasSubstr("none.key"))));
  server_.key = client_.key;
  EXPECT_THAT(Start()->started(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--api-key"),
                             HasSubstr("is not the key of the certificate"))));
  server_.certificate = server_.key;
  EXPECT_THAT(Start()->started(), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("--api-cert")));
}

TEST_F(TcpApiTest, TheReadyFileHasThePortThatTheSystemGave) {
  const auto daemon = Start();
  ASSERT_THAT(daemon->started(), IsOk());
  EXPECT_THAT(daemon->Ready("api_tcp"),
              ::testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_TRUE(GetAccountBy(*daemon, authority_.certificate()).ok());
}

TEST_F(TcpApiTest, SilentConnectionsKeepNobodyOut) {
  const auto daemon = Start();
  ASSERT_THAT(daemon->started(), IsOk());
  ApiClient before(
      Connect(daemon->Ready("api_tcp"),
              ClientCredentials(authority_.certificate(), client_)));
  ASSERT_TRUE(before.GetAccount().ok());
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (int i = 0; i < 64; ++i) {
    silent.push_back(std::make_unique<HttpClient>(daemon->Ready("api_tcp")));
  }
  // The oldest makes room, before its time for a handshake is over.
  EXPECT_TRUE(Eventually([&] {
    const HttpClient newcomer(daemon->Ready("api_tcp"));
    return silent.front()->IsClosed();
  }));
  EXPECT_TRUE(Eventually(
      [&] { return GetAccountBy(*daemon, authority_.certificate()).ok(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_TRUE(before.GetAccount().ok());
  EXPECT_THAT(
      HttpClient(daemon->Ready("http")).Ask("GET /metrics HTTP/1.0\r\n\r\n"),
      ContainsRegex("interlink_connections_refused_total\\{door=\"api\",reason="
                    "\"too_many\"\\} [1-9]"));
}

TEST_F(TcpApiTest, ASilentConnectionIsClosedByTheEndOfItsHandshakesTime) {
  const auto daemon = Start();
  ASSERT_THAT(daemon->started(), IsOk());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(HttpClient(daemon->Ready("api_tcp")).ReadAll(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
}

// The files are read again every ten seconds.
TEST_F(TcpApiTest, ARotatedCertificateIsServedWithoutARestart) {
  const auto daemon = Start();
  ASSERT_THAT(daemon->started(), IsOk());
  const TestAuthority next(dir_.File("next"));
  ASSERT_FALSE(GetAccountBy(*daemon, next.certificate()).ok());
  next.Issue(dir_.File("server"), "IP:127.0.0.1");
  // Connects anew, at growing distances, until it can.
  const auto status = GetAccountBy(*daemon, next.certificate(),
                                   /*wait_for_ready=*/true);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace interlink::daemon
