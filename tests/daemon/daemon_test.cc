#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>

#include "daemon/system/logging.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct LinkAnswer {
  grpc::Status status;
  v1::Interlink row;
};

LinkAnswer Link(ApiClient& api, const std::string& key,
                std::chrono::milliseconds patience) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + patience);
  v1::LinkAccountRequest request;
  request.set_name("John");
  request.set_key(key);
  v1::LinkAccountResponse response;
  LinkAnswer answer;
  answer.status = api.interlinks->LinkAccount(&context, request, &response);
  answer.row = response.interlink();
  return answer;
}

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() { EXPECT_THAT(daemon_.started(), IsOk()); }

  // The key of an account that does not answer.
  static std::string KeyOfNobody() {
    RunningDaemon other;
    EXPECT_THAT(other.started(), IsOk());
    return ApiClient(other.Admin()).GenerateKey("Mike").key();
  }

  RunningDaemon daemon_;
  ApiClient api_{daemon_.Admin()};
};

TEST_F(DaemonTest, LinkAccountAnswersBeforeTheCallersDeadlineWithTheRow) {
  const std::string key = KeyOfNobody();
  const auto start = steady_clock::now();
  const LinkAnswer answer = Link(api_, key, std::chrono::seconds(3));
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.row.state(), v1::INTERLINK_STATE_LINKING);
  EXPECT_EQ(answer.row.last_error().reason(), "PEER_UNREACHABLE");
  EXPECT_GT(steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_F(DaemonTest, OpenWatchesAndWaitsDoNotHoldItsStop) {
  const std::string key = KeyOfNobody();
  grpc::ClientContext rows_context;
  grpc::ClientContext numbers_context;
  const auto rows = api_.interlinks->WatchInterlinks(&rows_context, {});
  const auto numbers = api_.numbers->WatchNumbers(&numbers_context, {});
  v1::WatchInterlinksResponse row;
  v1::WatchNumbersResponse number;
  ASSERT_TRUE(rows->Read(&row));
  ASSERT_TRUE(numbers->Read(&number));
  auto link = std::async(std::launch::async, [&] {
    ApiClient api(daemon_.Admin());
    return Link(api, key, kPatience);
  });
  ASSERT_TRUE(rows->Read(&row));  // The wait has begun.
  EXPECT_EQ(row.interlink().state(), v1::INTERLINK_STATE_LINKING);

  const auto start = steady_clock::now();
  daemon_.Stop();
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(10));
  while (rows->Read(&row)) continue;
  while (numbers->Read(&number)) continue;
  for (const grpc::Status& status : {rows->Finish(), numbers->Finish()}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), HasSubstr("the daemon is stopping"));
  }
  const LinkAnswer answer = link.get();
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.row.state(), v1::INTERLINK_STATE_LINKING);
}

TEST_F(DaemonTest, AnImportThatGoesOnDoesNotHoldItsStop) {
  grpc::ClientContext context;
  v1::ImportNumbersResponse summary;
  const auto writer = api_.numbers->ImportNumbers(&context, &summary);
  ASSERT_TRUE(writer->Write({}));
  ASSERT_TRUE(api_.GetAccount().ok());
  const auto start = steady_clock::now();
  daemon_.Stop();
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_FALSE(writer->Finish().ok());
}

TEST_F(DaemonTest, ItsReadyFileComesAndGoes) {
  EXPECT_EQ(daemon_.Ready("api"), "unix:" + daemon_.config().api_socket);
  EXPECT_EQ(daemon_.Ready("pid"), std::to_string(getpid()));
  EXPECT_THAT(daemon_.Ready("federation"), Not(IsEmpty()));
  EXPECT_THAT(daemon_.Ready("http"), Not(IsEmpty()));
  EXPECT_EQ(daemon_.Ready("api_tcp"), "");
  v1::GetAccountResponse account;
  ASSERT_TRUE(api_.GetAccount(&account).ok());
  EXPECT_EQ(daemon_.Ready("account_id"), account.account_id());
  daemon_.Stop();
  EXPECT_FALSE(std::filesystem::exists(daemon_.config().ready_file));
}

TEST_F(DaemonTest, LeavesNothingBehindIfItCannotStart) {
  RunningDaemon second(
      [&](Config& config) { config.api_socket = daemon_.config().api_socket; });
  EXPECT_THAT(second.started(), Not(IsOk()));
  EXPECT_FALSE(std::filesystem::exists(second.config().ready_file));
  second.Stop();
  EXPECT_TRUE(api_.GetAccount().ok());
}

TEST_F(DaemonTest, AStartOnATakenPortSaysTheNextStep) {
  const auto refusal = [](const std::function<void(Config&)>& change) {
    return RunningDaemon(change).started();
  };
  const auto says = [](const std::string& setting) {
    return StatusIs(absl::StatusCode::kUnavailable,
                    AllOf(StartsWith(setting + ": cannot listen at "),
                          HasSubstr("name another port")));
  };
  EXPECT_THAT(refusal([&](Config& config) {
                config.federation_listen = daemon_.Ready("federation");
              }),
              says("--federation-listen"));
  EXPECT_THAT(refusal([&](Config& config) {
                config.http_listen = daemon_.Ready("http");
              }),
              says("--http-listen"));
}

TEST_F(DaemonTest, ADataDirectoryThatWasWidenedIsItsOwnersAgain) {
  using std::filesystem::perms;
  const std::string directory = daemon_.config().data_dir;
  daemon_.Stop();
  std::filesystem::permissions(directory, perms::owner_all | perms::group_all |
                                              perms::others_read |
                                              perms::set_gid);
  const RunningDaemon again(
      [&](Config& config) { config.data_dir = directory; });
  ASSERT_THAT(again.started(), IsOk());
  EXPECT_EQ(std::filesystem::status(directory).permissions(), perms::owner_all);
}

TEST_F(DaemonTest, TheStoreOfALivingDaemonIsLeftToItAndSoIsItsReadyFile) {
  const RunningDaemon second([&](Config& config) {
    config.data_dir = daemon_.config().data_dir;
    config.ready_file = daemon_.config().ready_file;
  });
  EXPECT_THAT(second.started(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(daemon_.Ready("api"), Not(IsEmpty()));
}

TEST_F(DaemonTest, AReloadDuringAStartThatFailsIsInVain) {
  const interlink::testing::TempDir dir;
  Config config = daemon_.config();
  config.data_dir = dir.File("data");
  config.federation_listen = "127.0.0.1:0";
  config.http_listen = "none";
  config.ready_file.clear();
  Daemon second(config, [config]() -> ConfigOrExit {
    return ConfigOrExit{config, "", 0};
  });
  second.Reload();
  EXPECT_FALSE(second.Start().ok());  // The living one has the API's socket.
}

// Nothing of ours throws; a library may.
TEST(DaemonDeathTest, AnExceptionOnTheLoopEndsTheProcessAlsoWhileItStops) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const bool is_stopping : {false, true}) {
    EXPECT_EXIT(
        {
          SetUpLogging("text", "critical");
          const interlink::testing::TempDir dir;
          Config config;
          config.data_dir = dir.File("data");
          config.federation_listen = "127.0.0.1:0";
          config.http_listen = "none";
          config.api_socket = dir.File("api.sock");
          Daemon daemon(config, []() -> ConfigOrExit {
            throw std::runtime_error("out of something");
          });
          if (!daemon.Start().ok()) std::_Exit(EXIT_SUCCESS);
          if (is_stopping) daemon.Stop();
          daemon.Reload();
          daemon.Run();
        },
        ::testing::ExitedWithCode(EXIT_FAILURE), "out of something");
  }
}

}  // namespace
}  // namespace interlink::daemon
