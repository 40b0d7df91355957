// What clients may have open of what gRPC itself serves: health and reflection.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "daemon/api/health_watches.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::IsOk;

const std::string kWatch = "grpc.health.v1.Health/Watch";
const std::string kReflection =
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
const std::string kListServices("\x3a\0", 2);

// A stream that goes on, with a request on its way.
class OpenStream {
 public:
  OpenStream(const std::shared_ptr<grpc::Channel>& channel,
             const std::string& method, const std::string& request) {
    SetPatience(context_);
    call_ = grpc::GenericStub(channel).PrepareCall(&context_, "/" + method,
                                                   &queue_);
    call_->StartCall(&queue_);
    Await();
    const grpc::Slice slice(request);
    // The last, if it has to be; reflection goes on until the client ends it.
    grpc::WriteOptions options;
    if (method == kWatch) options.set_last_message();
    call_->Write(grpc::ByteBuffer(&slice, 1), options, &queue_);
    Await();
    grpc::ByteBuffer answer;
    call_->Read(&answer, &queue_);
    is_answered_ = Await();
  }
  ~OpenStream() { End(); }
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  bool is_answered() const { return is_answered_; }
  grpc::StatusCode End() {
    if (call_ == nullptr) return grpc::StatusCode::OK;
    if (is_answered_) context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, &queue_);
    Await();
    call_.reset();
    return status.error_code();
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool is_answered_ = false;
};

size_t Threads() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

class StreamBoundsTest : public ::testing::Test {
 protected:
  StreamBoundsTest() { EXPECT_THAT(daemon_.started(), IsOk()); }

  // Opens so many; how many of them were answered.
  int Open(const std::string& method, const std::string& request, int count) {
    const auto channel = daemon_.Pbx();
    int answered = 0;
    for (int i = 0; i < count; ++i) {
      streams_.push_back(
          std::make_unique<OpenStream>(channel, method, request));
      if (streams_.back()->is_answered()) ++answered;
    }
    return answered;
  }

  RunningDaemon daemon_;
  std::vector<std::unique_ptr<OpenStream>> streams_;
};

TEST_F(StreamBoundsTest, WatchesOfHealthAreBoundedForEachDoor) {
  EXPECT_EQ(Open(kWatch, "", HealthWatches::kMost), HealthWatches::kMost);
  EXPECT_EQ(Open(kWatch, "", 10), 0);
  EXPECT_EQ(streams_.back()->End(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(OpenStream(daemon_.Admin(), kWatch, "").is_answered());
  EXPECT_TRUE(Call(daemon_.Pbx(), "grpc.health.v1.Health/Check").answered);
  streams_.erase(streams_.begin());
  EXPECT_TRUE(Eventually([&] { return Open(kWatch, "", 1) == 1; }));
}

// RFC 9113, section 6.5.2: SETTINGS_MAX_CONCURRENT_STREAMS.
TEST_F(StreamBoundsTest, AConnectionIsToldHowManyStreamsItMayHave) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, daemon_.config().pbx_socket.c_str(),
               sizeof(to.sun_path) - 1);
  const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  // The preface, and settings without one.
  const std::string hello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                          33);
  ASSERT_EQ(send(client, hello.data(), hello.size(), MSG_NOSIGNAL), 33);
  std::string answer(15, '\0');
  EXPECT_EQ(recv(client, answer.data(), answer.size(), MSG_WAITALL), 15);
  EXPECT_EQ(answer.substr(9), std::string("\0\3\0\0\2\0", 6));  // 512.
  close(client);
}

// gRPC has a thread for each.
TEST_F(StreamBoundsTest, StreamsOfReflectionAreBounded) {
  const size_t before = Threads();
  const int answered = Open(kReflection, kListServices, 200);
  EXPECT_GE(answered, 16);
  EXPECT_LE(answered, 32);
  EXPECT_LE(Threads(), before + 64);
  EXPECT_EQ(streams_.back()->End(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(ApiClient(daemon_.Pbx()).GetAccount().ok());
  streams_.clear();
  EXPECT_TRUE(
      Eventually([&] { return Open(kReflection, kListServices, 1) == 1; }));
}

}  // namespace
}  // namespace interlink::daemon
