#include "daemon/api/api_streams.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/api/watch_stream.h"
#include "daemon/rpc/break_off.h"
#include "daemon/system/logging.h"
#include "tests/daemon/api_client.h"
#include "tests/daemon/running_daemon.h"
#include "tests/support/status_matchers.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using ::interlink::testing::Eventually;
using ::interlink::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using std::chrono_literals::operator""s;

using Message = v1::WatchInterlinksResponse;

// A watch that always has one more message, of 16 KB.
class EndlessWatch final : public WatchStream<Message> {
 public:
  using WatchStream::WatchStream;

 private:
  void Begin() override {}
  absl::StatusOr<bool> NextOfSnapshot(Message&) override { return false; }
  absl::StatusOr<bool> NextChange(Message& message) override {
    message.mutable_interlink()->set_name(std::string(16'384, 'x'));
    return true;
  }
};

RpcCounts::Method& WatchesIn(RpcCounts& counts) {
  return counts.Of("interlink.v1.InterlinkService", "WatchInterlinks");
}

// Without a server: nothing is ever taken until the test says so.
class ApiStreamsTest : public ::testing::Test {
 protected:
  // Begins a watch; nullptr if it was refused.
  EndlessWatch* Open(Role role) {
    auto* watch = new EndlessWatch(loop_, streams_);
    const uint64_t before = EndedWith(grpc::StatusCode::RESOURCE_EXHAUSTED);
    watch->Open({.counted = {loop_, WatchesIn(counts_)},
                 .role = role,
                 .break_off = [this](const grpc::Status& status) {
                   broken_off_.push_back(status);
                 }});
    time_.Advance(0s);
    if (EndedWith(grpc::StatusCode::RESOURCE_EXHAUSTED) > before) {
      Close(watch);
      return nullptr;
    }
    open_.push_back(watch);
    return watch;
  }
  // Its call is over.
  void Close(EndlessWatch* watch) {
    watch->OnDone();
    time_.Advance(0s);
  }
  void CloseAll() {
    for (EndlessWatch* watch : open_) Close(watch);
    open_.clear();
  }
  size_t Fill(Role role) {
    size_t count = 0;
    while (count < 2000 && Open(role) != nullptr) ++count;
    return count;
  }
  uint64_t EndedWith(grpc::StatusCode code) {
    return WatchesIn(counts_).handled[code];
  }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  ApiStreams streams_{loop_};
  RpcCounts counts_{v1::Interlink::descriptor()->file()};
  std::vector<EndlessWatch*> open_;
  std::vector<grpc::Status> broken_off_;
};

TEST_F(ApiStreamsTest, NoRoleTakesThePlacesOfAnother) {
  EXPECT_EQ(Fill(Role::kViewer), ApiStreams::kMostOfViewers);
  EXPECT_EQ(Fill(Role::kPbx), ApiStreams::kMostOfPbxs);
  EXPECT_EQ(Fill(Role::kAdmin), ApiStreams::kMostOfAdmins);
  Close(open_.front());
  open_.erase(open_.begin());
  EXPECT_EQ(Open(Role::kAdmin), nullptr);
  EXPECT_EQ(Open(Role::kPbx), nullptr);
  EXPECT_NE(Open(Role::kViewer), nullptr);
  CloseAll();
}

TEST_F(ApiStreamsTest, AClientThatReadsNothingForAMinuteIsCutOff) {
  EndlessWatch* unread = Open(Role::kViewer);
  EndlessWatch* read = Open(Role::kViewer);
  for (int i = 0; i < 5; ++i) {
    time_.Advance(11s);
    read->OnWriteDone(true);
  }
  EXPECT_EQ(broken_off_.size(), 0u);
  time_.Advance(15s);
  ASSERT_EQ(broken_off_.size(), 1u);
  EXPECT_EQ(ReasonOf(broken_off_[0]), Reason::kLimitReached);
  EXPECT_THAT(broken_off_[0].error_message(), HasSubstr("watch again"));
  // As gRPC then says.
  unread->OnWriteDone(false);
  unread->OnCancel();
  time_.Advance(0s);
  EXPECT_EQ(EndedWith(grpc::StatusCode::RESOURCE_EXHAUSTED), 1u);
  EXPECT_EQ(EndedWith(grpc::StatusCode::CANCELLED), 0u);
  time_.Advance(30s);
  EXPECT_EQ(broken_off_.size(), 1u);
  CloseAll();
}

TEST_F(ApiStreamsTest, TheLogSaysSoOnceForEachRole) {
  for (int i = 0; i < 3; ++i) Open(Role::kViewer);
  Open(Role::kPbx);
  SetUpLogging("text", "info");  // To standard error.
  ::testing::internal::CaptureStderr();
  time_.Advance(80s);
  FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(broken_off_.size(), 4u);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2);
  EXPECT_THAT(log, AllOf(HasSubstr("role viewer"), HasSubstr("role pbx"),
                         HasSubstr("read nothing for 60 seconds")));
  CloseAll();
}

TEST_F(ApiStreamsTest, NoTimerRunsWhileNoWatchIsOpen) {
  EXPECT_EQ(time_.waiting(), 0u);
  Open(Role::kAdmin);
  EXPECT_EQ(time_.waiting(), 1u);
  CloseAll();
  time_.Advance(ApiStreams::kPatience);
  EXPECT_EQ(time_.waiting(), 0u);
}

// The client, however, reads what it has and then the reason, over a real
// connection.
TEST(UnreadWatchTest, ItsClientIsToldWhy) {
  AsioEventLoop loop;
  ApiStreams streams(loop, std::chrono::milliseconds(200));
  RpcCounts counts{v1::Interlink::descriptor()->file()};

  class Service final : public v1::InterlinkService::CallbackService {
   public:
    Service(AsioEventLoop& loop, ApiStreams& streams, RpcCounts& counts)
        : loop_(loop), streams_(streams), counts_(counts) {}
    grpc::ServerWriteReactor<Message>* WatchInterlinks(
        grpc::CallbackServerContext* context,
        const v1::WatchInterlinksRequest*) override {
      auto* watch = new EndlessWatch(loop_, streams_);
      watch->Open({.counted = {loop_, WatchesIn(counts_)},
                   .role = Role::kViewer,
                   .break_off = [context](const grpc::Status& status) {
                     BreakOff(*context, status);
                   }});
      return watch;
    }

   private:
    AsioEventLoop& loop_;
    ApiStreams& streams_;
    RpcCounts& counts_;
  };
  Service service(loop, streams, counts);
  const interlink::testing::TempDir dir;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + dir.File("sock"),
                           grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::thread thread([&loop] { loop.Run(); });

  const ApiClient client(
      Connect("unix:" + dir.File("sock"), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  SetPatience(context);
  const auto reader = client.interlinks->WatchInterlinks(&context, {});
  const auto& ended =
      WatchesIn(counts).handled[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_TRUE(Eventually([&] { return ended == 1; }));
  Message message;
  int messages = 0;
  while (reader->Read(&message)) ++messages;
  EXPECT_GT(messages, 1);
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("LIMIT_REACHED: "));

  server->Shutdown();
  loop.Post([&loop] { loop.Stop(); });
  thread.join();
}

}  // namespace
}  // namespace interlink::daemon
