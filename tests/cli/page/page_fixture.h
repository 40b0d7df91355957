#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "daemon/cli/page/page_server.h"
#include "grpcpp/create_channel.h"
#include "tests/cli/fake_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

namespace interlink::cli {

inline constexpr const char* kGetAccount =
    "/interlink.v1.DaemonService/GetAccount";
inline constexpr const char* kLink =
    "/interlink.v1.InterlinkService/LinkAccount";

// The page on a thread of its own, before a daemon that answers by script.
class PageFixture : public ::testing::Test {
 protected:
  ~PageFixture() override {
    if (!server_) return;
    loop_.Post([this] {
      server_.reset();
      loop_.context().stop();
    });
    thread_.join();
    loop_.RunUntil([this] { return api_.calls() == 0; });
  }

  void Start() {
    ASSERT_TRUE(
        PageServer::Start(loop_, sessions_, api_, options_, &server_).ok());
    token_ = sessions_.NewToken();
    thread_ = std::thread([this] { loop_.context().run(); });
  }
  grpc::Status Listen(const std::string& address) {
    options_.listen = address;
    std::unique_ptr<PageServer> server;
    return PageServer::Start(loop_, sessions_, api_, options_, &server);
  }

  using HttpClient = interlink::testing::HttpClient;
  HttpClient Connect() const { return HttpClient(server_->address()); }
  static std::string Post(const std::string& path, const std::string& headers,
                          const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
           "Content-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string Call(const std::string& path, const std::string& body) const {
    return Post(path, Bearer(), body);
  }
  std::string Watch() const {
    return "POST /interlink.v1.InterlinkService/WatchInterlinks "
           "HTTP/1.1\r\nHost: localhost\r\n" +
           Bearer() + "Content-Type: application/connect+json\r\n" +
           "Content-Length: 7\r\n\r\n" + std::string("\0\0\0\0\2{}", 7);
  }
  std::string Bearer() const {
    return "Authorization: Bearer " + session_ + "\r\n";
  }
  // One request on a connection of its own.
  std::string Ask(const std::string& request) const {
    std::string last = request;
    last.insert(last.find("\r\n") + 2, "Connection: close\r\n");
    return Connect().Ask(last);
  }
  void BeginSession() {
    const std::string answer =
        Ask(Post("/session", "", R"({"token":")" + token_ + R"("})"));
    const size_t begin = answer.find(R"({"session":")");
    ASSERT_NE(begin, std::string::npos) << answer;
    session_ = answer.substr(begin + 12, 43);
  }
  size_t Calls() {  // That are open.
    std::promise<size_t> calls;
    loop_.Post([&] { calls.set_value(api_.calls()); });
    return calls.get_future().get();
  }
  // LinkAccount answers only once its client is gone.
  void AnswerNothing() {
    daemon_.link = [this](grpc::ServerContext* context,
                          v1::LinkAccountResponse*) {
      ++begun_;
      if (interlink::testing::Eventually(
              [context] { return context->IsCancelled(); }))
        ++ended_;
      return grpc::Status::CANCELLED;
    };
  }

  interlink::testing::TempDir dir_;
  FakeDaemon daemon_{dir_.File("api.sock")};
  PageLoop loop_;
  Sessions sessions_;
  ConnectServer api_{
      grpc::CreateChannel("unix:" + dir_.File("api.sock"),
                          grpc::InsecureChannelCredentials()),
      [this](auto task) { loop_.Post(std::move(task)); },
      {.explain = [](const grpc::Status& status) { return status; }}};
  PageServer::Options options_;
  std::unique_ptr<PageServer> server_;
  std::thread thread_;
  std::string token_;
  std::string session_;
  std::atomic<int> begun_ = 0;
  std::atomic<int> ended_ = 0;
};

}  // namespace interlink::cli
