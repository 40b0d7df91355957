// How a Session stream takes gRPC's reports, in the order in which they come.

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/peer/session_stream.h"
#include "federation/base/reason.h"
#include "tests/federation/reason_matcher.h"
#include "tests/wire/session_ends.h"

namespace interlink::testing {
namespace {

using federation::Reason;
using federation::Refusal;

// What both sides share, over an imagined gRPC.
class ImaginedSession : public daemon::SessionStream {
 public:
  using SessionStream::HasRead;
  int reads = 0;

 private:
  void Begin() override { ++reads; }
  void Read() override { ++reads; }
  void Write(const v1::SessionMessage&) override {}
  void EndWith(const absl::Status&) override {}
  void Cancel() override {}
  void ReadEnded() override {}
};

TEST(SessionStreamReadTest, TheNextMessageIsReadAfterTheOneBeforeIsHandled) {
  ImaginedSession session;
  SessionEnd end(session.MakeStream());
  end.on_message = [&] {
    EXPECT_EQ(session.reads, static_cast<int>(end.received.size()));
  };
  end.Open();
  for (uint64_t number = 1; number <= 3; ++number) {
    session.HasRead(true, Numbered(number));
    EXPECT_EQ(session.reads, static_cast<int>(number) + 1);
  }
  EXPECT_TRUE(AreNumbered(end.received, 3));
}

// Runs what is posted when it is told to, one by one.
class HeldLoop : public federation::EventLoop {
 public:
  federation::SteadyTime Now() const override {
    return std::chrono::steady_clock::now();
  }
  federation::WallTime WallNow() const override {
    return std::chrono::system_clock::now();
  }
  federation::Duration SinceBoot() const override { return {}; }
  std::unique_ptr<Timer> After(federation::Duration, Task) override {
    return nullptr;
  }
  bool IsOnLoop() const override { return true; }
  void Post(Task task) override {
    absl::MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
  }

  // Whether so many are posted within kPatience.
  bool Has(size_t count) {
    return Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return tasks_.size() >= count;
    });
  }
  void RunOne() {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      ASSERT_FALSE(tasks_.empty());
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }

 private:
  absl::Mutex mutex_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
};

// The rules at the accepting side act after gRPC has done something, and before
// they hear of it.
class LateReportTest : public ::testing::Test {
 protected:
  LateReportTest() : dialled_(mike_.Dial(server_.target())) {
    EXPECT_TRUE(loop_.Has(1));
    loop_.RunOne();
    accepted_ = server_.ends.front().get();
  }
  ~LateReportTest() override { server_.Shutdown(); }
  void HalfClose() {
    mike_.OnLoop([this] { dialled_.Close(absl::OkStatus()); });
    ASSERT_TRUE(loop_.Has(1));
  }

  WireAccount john_{"John"};
  HeldLoop loop_;
  SessionServer server_{john_, loop_};
  Dialler mike_;
  SessionEnd& dialled_;
  SessionEnd* accepted_ = nullptr;
};

TEST_F(LateReportTest, TheStreamMayGoWhenGrpcIsDoneWithIt) {
  HalfClose();
  loop_.RunOne();  // Finishes.
  ASSERT_TRUE(loop_.Has(1));
  ASSERT_TRUE(mike_.IsClosed(dialled_));
  // By now gRPC has freed the call.
  accepted_->Send(Numbered(1));
  accepted_->Drop();
  loop_.RunOne();
  EXPECT_EQ(accepted_->closed, 0);
  EXPECT_EQ(server_.writes, 0);
}

TEST_F(LateReportTest, LastWordsReachAPeerThatHasHalfClosed) {
  HalfClose();
  accepted_->on_sent = [this] {
    if (accepted_->sent == 1) {
      accepted_->Send(Numbered(2));
    } else {
      accepted_->Close(Refusal(Reason::kLinkTerminated, "it was deleted"));
    }
  };
  accepted_->Send(Numbered(1));
  for (int i = 0; i < 4; ++i) {  // The half-close, two writes, the end.
    ASSERT_TRUE(loop_.Has(1));
    loop_.RunOne();
  }
  EXPECT_EQ(accepted_->closed, 1);
  EXPECT_EQ(server_.writes, 2);
  ASSERT_TRUE(mike_.IsClosed(dialled_));
  EXPECT_TRUE(AreNumbered(dialled_.received, 2));
  EXPECT_THAT(dialled_.status, Refuses(Reason::kLinkTerminated));
}

// The end of the stream finds the write that it has to wait for.
TEST_F(LateReportTest, TheStreamMayGoWhileItWrites) {
  accepted_->Send(Numbered(1));
  accepted_->Drop();
  ASSERT_TRUE(loop_.Has(2));  // The write, and the read that was cancelled.
  loop_.RunOne();
  loop_.RunOne();
  ASSERT_TRUE(loop_.Has(1));
  loop_.RunOne();
  EXPECT_EQ(accepted_->sent, 0);
  EXPECT_TRUE(mike_.IsClosed(dialled_));
}

}  // namespace
}  // namespace interlink::testing
