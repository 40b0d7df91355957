#include "daemon/api/socket_connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "daemon/system/logging.h"
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
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// What a client of HTTP/2 says first: the preface, and settings without one.
const std::string kHello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                         33);

// One connection of a client that may do anything.
class SocketClient {
 public:
  explicit SocketClient(const std::string& path)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)),
              0);
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~SocketClient() { close(socket_); }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  void Say(const std::string& bytes) const {
    send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Whether a byte comes before the other side closes.
  bool IsAnswered() const {
    char byte = 0;
    return recv(socket_, &byte, 1, 0) == 1;
  }
  // Whether the other side closes within kPatience.
  bool IsClosed() const {
    char byte = 0;
    ssize_t count = 0;
    while ((count = recv(socket_, &byte, 1, 0)) > 0) {
    }
    return count == 0 || errno == ECONNRESET;
  }

 private:
  const int socket_;
};

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

void AllowDescriptors(rlim_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(count, limit.rlim_max));
  setrlimit(RLIMIT_NOFILE, &limit);
}

class SocketConnectionsTest : public ::testing::Test {
 protected:
  SocketConnectionsTest() { EXPECT_THAT(daemon_.started(), IsOk()); }

  std::unique_ptr<SocketClient> Connect() const {
    return std::make_unique<SocketClient>(daemon_.config().pbx_socket);
  }
  std::string Metrics() const {
    return HttpClient(daemon_.Ready("http"))
        .Ask("GET /metrics HTTP/1.0\r\n\r\n");
  }

  RunningDaemon daemon_;
};

TEST_F(SocketConnectionsTest, SilentOnesOfThePbxKeepNobodyOut) {
  constexpr size_t kClients = 2000;
  AllowDescriptors(3 * kClients);
  SetUpLogging("text", "warn");  // To standard error.
  ::testing::internal::CaptureStderr();
  const size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<SocketClient>> silent;
  for (size_t i = 0; i < kClients; ++i) silent.push_back(Connect());
  const size_t most = before + kClients + SocketPlaces::kSilentPerUser + 16;
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= most; }));
  EXPECT_TRUE(ApiClient(daemon_.Admin()).GetAccount().ok());
  // Once the oldest has had its time to speak.
  EXPECT_TRUE(
      Eventually([&] { return ApiClient(daemon_.Pbx()).GetAccount().ok(); }));
  FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::string line = "--pbx-socket has too many connections";
  EXPECT_THAT(log, HasSubstr(line));
  EXPECT_THAT(log, HasSubstr("user " + std::to_string(getuid())));
  EXPECT_EQ(log.find(line), log.rfind(line));
  EXPECT_THAT(Metrics(),
              ContainsRegex("interlink_connections_refused_total\\{door=\"api\""
                            ",reason=\"too_many\"\\} [1-9]"));
}

TEST_F(SocketConnectionsTest, OneThatDoesNotSpeakHttp2InTimeIsClosed) {
  const auto silent = Connect();
  const auto slow = Connect();
  slow->Say(kHello.substr(0, 1));
  EXPECT_TRUE(silent->IsClosed());
  EXPECT_TRUE(slow->IsClosed());
}

TEST_F(SocketConnectionsTest, ThoseOfOneUserThatHaveSpokenAreBounded) {
  const size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (size_t i = 0; i < SocketPlaces::kSpokenPerUser; ++i) {
    clients.push_back(Connect());
    clients.back()->Say(kHello);
    ASSERT_TRUE(clients.back()->IsAnswered());
  }
  const auto late = Connect();
  late->Say(kHello);
  EXPECT_FALSE(late->IsAnswered());
  EXPECT_TRUE(ApiClient(daemon_.Admin()).GetAccount().ok());
  // Each end is noticed, and frees a place and its descriptors.
  clients.erase(clients.begin());
  EXPECT_TRUE(
      Eventually([&] { return ApiClient(daemon_.Pbx()).GetAccount().ok(); }));
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= before + 16; }));
}

TEST_F(SocketConnectionsTest, AHungUpOneIsForgottenAtOnce) {
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 500; ++i) Connect();
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= before + 16; }));
  EXPECT_TRUE(
      Eventually([&] { return ApiClient(daemon_.Pbx()).GetAccount().ok(); }));
}

}  // namespace
}  // namespace interlink::daemon
