// A start of the API that gRPC refuses half way.

#include <gmock/gmock.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "interlink/v1/interlink.grpc.pb.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::IsOk;
using ::interlink::testing::StatusIs;
using ::interlink::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Servers of the API that gRPC builds before it refuses one.
int built_before_a_refusal = -1;  // Less than 0: it refuses none.

// Has gRPC refuse to build a server, by a service that is there twice.
class Refusal final : public grpc::ServerBuilderPlugin {
 public:
  static void Install() {
    static const bool installed = [] {
      grpc::ServerBuilder::InternalAddPluginFactory(
          []() -> std::unique_ptr<grpc::ServerBuilderPlugin> {
            return std::make_unique<Refusal>();
          });
      return true;
    }();
    (void)installed;
  }

  std::string name() override { return "refusal"; }
  void UpdateServerBuilder(grpc::ServerBuilder* builder) override {
    if (built_before_a_refusal-- == 0) builder->RegisterService(&twice_);
  }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer*) override {}
  void ChangeArguments(const std::string&, void*) override {}

 private:
  v1::NumberService::Service twice_;
};

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

class ApiStartTest : public ::testing::Test {
 protected:
  ApiStartTest() { Refusal::Install(); }
  ~ApiStartTest() override { built_before_a_refusal = -1; }

  std::unique_ptr<RunningDaemon> Start() const {
    return std::make_unique<RunningDaemon>([this](Config& config) {
      config.api_socket = sockets_.File("api.sock");
      config.pbx_socket = sockets_.File("pbx.sock");
    });
  }

  const TempDir sockets_;
};

TEST_F(ApiStartTest, NoSocketIsLeftOfOneThatGrpcDoesNotServe) {
  const std::vector<std::string> settings = {"--api-socket", "--pbx-socket"};
  for (size_t i = 0; i < settings.size(); ++i) {
    built_before_a_refusal = static_cast<int>(i);
    EXPECT_THAT(Start()->started(),
                StatusIs(absl::StatusCode::kUnavailable,
                         HasSubstr(settings[i] + ": gRPC cannot serve")));
    EXPECT_THAT(FilesIn(sockets_.path()), IsEmpty());
  }
  const auto daemon = Start();
  ASSERT_THAT(daemon->started(), IsOk());
  EXPECT_EQ(FilesIn(sockets_.path()).size(), 2u);
  EXPECT_TRUE(ApiClient(daemon->Pbx()).GetAccount().ok());
}

}  // namespace
}  // namespace interlink::daemon
