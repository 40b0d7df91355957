#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>

#include "tests/cli/connect/connect_fixture.h"

namespace interlink::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using ::testing::HasSubstr;

constexpr const char* kLinkAccount = "InterlinkService/LinkAccount";

class CallBoundsTest : public ConnectFixture {
 protected:
  // LinkAccount answers only once its client is gone.
  void AnswerNothing() {
    daemon_->link = [this](grpc::ServerContext* context,
                           v1::LinkAccountResponse*) {
      has_begun_ = true;
      has_ended_ = interlink::testing::Eventually(
          [context] { return context->IsCancelled(); });
      return grpc::Status::CANCELLED;
    };
  }

  std::atomic<bool> has_begun_ = false;
  std::atomic<bool> has_ended_ = false;
};

TEST_F(CallBoundsTest, TheDeadlineIsTheClients) {
  AnswerNothing();
  ConnectRequest request = Unary(kLinkAccount, "{}");
  request.timeout_ms = "50";
  const RecordedAnswer answer = Call(request);
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.Json()["code"], "deadline_exceeded");
}

TEST_F(CallBoundsTest, WithoutOneACallThatAnswersOnceHasADeadlineToo) {
  seconds left{0};
  daemon_->link = [&](grpc::ServerContext* context, v1::LinkAccountResponse*) {
    left = std::chrono::duration_cast<seconds>(context->deadline() -
                                               system_clock::now());
    return grpc::Status::OK;
  };
  options_.timeout = seconds(500);
  Call(Unary(kLinkAccount, "{}"));
  EXPECT_GT(left, seconds(300));
  EXPECT_LE(left, seconds(500));
  ConnectRequest request = Unary(kLinkAccount, "{}");
  request.timeout_ms = "9999999999";
  Call(request);
  EXPECT_GT(left, seconds(9'000'000));
}

TEST_F(CallBoundsTest, AStreamHasNone) {
  system_clock::time_point deadline;
  daemon_->on_watch = [&](grpc::ServerContext* context) {
    deadline = context->deadline();
  };
  Call(Stream(kWatch, Framed("{}")));
  EXPECT_GT(deadline, system_clock::now() + std::chrono::hours(24));
}

TEST_F(CallBoundsTest, ATimeoutThatIsNoNumberIsRefused) {
  for (const char* text : {"abc", "-1", "1.5", "10000000000", "5s", " 5"}) {
    ConnectRequest request = Unary(kLinkAccount, "{}");
    request.timeout_ms = text;
    const RecordedAnswer answer = Call(request);
    EXPECT_EQ(answer.status, 400) << text;
    EXPECT_THAT(answer.body, HasSubstr("Connect-Timeout-Ms"));
  }
}

TEST_F(CallBoundsTest, ACallWhoseClientLeavesEndsAtTheDaemon) {
  AnswerNothing();
  RecordedAnswer answer;
  auto call = server().Open(Unary(kLinkAccount, "{}"), answer);
  RunUntil([this] { return has_begun_.load(); });
  call.reset();
  RunUntil([this] { return has_ended_ && !IsBusy(); });
  EXPECT_EQ(answer.status, 0);
}

TEST_F(CallBoundsTest, AStreamWhoseClientLeavesWithAMessageUnreadEndsToo) {
  for (const char* name : {"a", "b", "c"}) {
    daemon_->watch.emplace_back().mutable_interlink()->set_name(name);
  }
  RecordedAnswer answer;
  auto call = server().Open(Stream(kWatch, Framed("{}")), answer);
  RunUntil([&] { return answer.parts.size() == 1; });
  call.reset();
  RunUntil([this] { return !IsBusy(); });
  EXPECT_FALSE(answer.is_whole);
}

TEST_F(CallBoundsTest, ACallThatIsEndedHereTellsItsClientWhy) {
  const grpc::Status why(grpc::StatusCode::INVALID_ARGUMENT, "no more");
  AnswerNothing();
  RecordedAnswer unary;
  const auto call = server().Open(Unary(kLinkAccount, "{}"), unary);
  RunUntil([this] { return has_begun_.load(); });
  call->EndWith(why);
  EXPECT_EQ(unary.status, 400);
  EXPECT_EQ(unary.Json()["message"], "no more");

  RecordedAnswer early;
  const auto stream = server().Open(Stream(kWatch, Framed("{}")), early);
  stream->EndWith(why);
  EXPECT_EQ(early.status, 200);
  EXPECT_EQ(early.Header("Content-Type"), "application/connect+json");
  EXPECT_EQ(early.Envelopes().at(0).second["error"]["message"], "no more");

  daemon_->watch.emplace_back().set_current(true);
  RecordedAnswer late;
  const auto other = server().Open(Stream(kWatch, Framed("{}")), late);
  RunUntil([&] { return !late.parts.empty(); });
  other->EndWith(why);
  ASSERT_EQ(late.Envelopes().size(), 2U);
  EXPECT_EQ(late.Envelopes().at(1).first, 2);
  EXPECT_EQ(late.Envelopes().at(1).second["error"]["message"], "no more");
  RunUntil([this] { return !IsBusy(); });
}

TEST_F(CallBoundsTest, OneCallTooManyIsRefusedUntilAnotherEnds) {
  AnswerNothing();
  options_.calls = 1;
  RecordedAnswer first;
  auto call = server().Open(Unary(kLinkAccount, "{}"), first);
  RecordedAnswer second = Call(Unary(kLinkAccount, "{}"));
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(second.Json()["code"], "resource_exhausted");
  EXPECT_THAT(second.body, HasSubstr("LIMIT_REACHED: 1 calls are open"));
  const RecordedAnswer stream = Call(Stream(kWatch, Framed("{}")));
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(stream.Envelopes().at(0).second["error"]["code"],
            "resource_exhausted");
  call.reset();
  RunUntil([this] { return !IsBusy(); });
  EXPECT_EQ(Call(Stream(kWatch, Framed("{}"))).Envelopes().at(0).first, 2);
}

TEST_F(CallBoundsTest, ADaemonThatIsAwayIsUnavailableAtOnceInOurWords) {
  daemon_.reset();
  options_.explain = [](const grpc::Status& status) {
    return status.error_code() == grpc::StatusCode::UNAVAILABLE
               ? grpc::Status(status.error_code(),
                              "DAEMON_UNREACHABLE: start it")
               : status;
  };
  const RecordedAnswer answer = Call(Unary(kLinkAccount, "{}"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Json()["message"], "DAEMON_UNREACHABLE: start it");
  const RecordedAnswer stream = Call(Stream(kWatch, Framed("{}")));
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(stream.Envelopes().at(0).second["error"]["message"],
            "DAEMON_UNREACHABLE: start it");
}

}  // namespace
}  // namespace interlink::cli
