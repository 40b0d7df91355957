#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "daemon/cli/connect/connect_server.h"
#include "daemon/cli/page/page_loop.h"
#include "grpcpp/create_channel.h"
#include "tests/cli/connect/recorded_answer.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {

inline constexpr const char* kWatch = "InterlinkService/WatchInterlinks";

// The Connect protocol in front of a daemon that answers by script.
class ConnectFixture : public ::testing::Test {
 protected:
  ~ConnectFixture() override {
    RunUntil([this] { return !IsBusy(); });
  }

  static ConnectRequest Unary(const std::string& path,
                              const std::string& json) {
    return {.path = "/interlink.v1." + path,
            .content_type = "application/json",
            .body = json};
  }
  static ConnectRequest Stream(const std::string& path,
                               const std::string& body) {
    return {.path = "/interlink.v1." + path,
            .content_type = "application/connect+json",
            .body = body};
  }
  // A message of a request: its flags, its length, its text.
  static std::string Framed(const std::string& text, char flags = 0) {
    return std::string{flags, 0, 0, static_cast<char>(text.size() >> 8U),
                       static_cast<char>(text.size())} +
           text;
  }

  // Makes the call and waits for all of its answer.
  RecordedAnswer Call(const ConnectRequest& request) {
    RecordedAnswer answer;
    const auto call = server().Open(request, answer);
    RunUntil([&] {
      if (call && std::exchange(answer.wants_more, false)) call->GoOn();
      return answer.is_whole;
    });
    return answer;
  }

  void RunUntil(const std::function<bool()>& done) {
    EXPECT_TRUE(interlink::testing::Eventually([&] {
      loop_.context().restart();
      loop_.context().poll();
      return done();
    }));
  }
  bool IsBusy() const { return server_ && server_->calls() > 0; }

  // Made at its first use, so that a test can set options before.
  ConnectServer& server() {
    if (!server_) {
      server_.emplace(
          grpc::CreateChannel("unix:" + dir_.File("api.sock"),
                              grpc::InsecureChannelCredentials()),
          [this](std::function<void()> task) { loop_.Post(std::move(task)); },
          options_);
    }
    return *server_;
  }

  interlink::testing::TempDir dir_;
  std::optional<FakeDaemon> daemon_{dir_.File("api.sock")};
  PageLoop loop_;
  ConnectServer::Options options_{
      .explain = [](const grpc::Status& status) { return status; }};
  std::optional<ConnectServer> server_;
};

}  // namespace interlink::cli
