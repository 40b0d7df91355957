#include "daemon/api/api_connections.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::HttpClient;

// In place of gRPC: takes its time over each connection, and closes it.
class SlowServer final : public grpc::experimental::ExternalConnectionAcceptor {
 public:
  struct Seen {
    std::atomic<int> begun = 0;
    std::atomic<int> done = 0;
  };

  explicit SlowServer(Seen& seen) : seen_(seen) {}

  void HandleNewConnection(NewConnectionParameters* parameters) override {
    ++seen_.begun;
    absl::Notification never;
    never.WaitForNotificationWithTimeout(absl::Milliseconds(200));
    close(parameters->fd);
    ++seen_.done;
  }

 private:
  Seen& seen_;
};

class ApiConnectionsTest : public ::testing::Test {
 protected:
  ApiConnectionsTest() {
    auto connections = ApiConnections::Listen(loop_, "127.0.0.1:0");
    EXPECT_TRUE(connections.ok());
    connections_ = *std::move(connections);
    connections_->ServeBy(std::make_unique<SlowServer>(seen_));
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~ApiConnectionsTest() override {
    loop_.Post([this] { loop_.Stop(); });
    thread_.join();
  }

  SlowServer::Seen seen_;
  AsioEventLoop loop_;
  std::unique_ptr<ApiConnections> connections_;
  std::thread thread_;
};

// Else gRPC could get it when it is down already, and leave it open for ever.
TEST_F(ApiConnectionsTest, OnceItIsClosedNoneIsOnItsWayToTheServer) {
  const HttpClient client(connections_->address());
  ASSERT_TRUE(Eventually([&] { return seen_.begun == 1; }));
  connections_->Close();
  EXPECT_EQ(seen_.done, 1);
}

TEST_F(ApiConnectionsTest, OneThatIsAcceptedAfterThatIsClosed) {
  absl::Notification closed;
  loop_.Post([&] { closed.WaitForNotification(); });
  const HttpClient client(connections_->address());
  connections_->Close();
  closed.Notify();
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_EQ(seen_.begun, 0);
}

}  // namespace
}  // namespace interlink::daemon
