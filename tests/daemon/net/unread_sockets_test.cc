#include "daemon/net/unread_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "daemon/net/hang_ups.h"
#include "tests/support/eventually.h"
#include "tests/support/socket_pair.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::Eventually;
using ::interlink::testing::SocketPair;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono_literals::operator""s;

class UnreadSocketsTest : public ::testing::Test {
 protected:
  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  std::vector<int> found_;
  UnreadSockets sockets_{loop_,
                         [this](int socket) { found_.push_back(socket); }};
};

TEST_F(UnreadSocketsTest, OneThatIsNotReadForAMinuteIsFoundOnce) {
  const SocketPair pair = SocketPair::Unix();
  sockets_.Add(pair.ours());
  time_.Advance(100s);
  pair.Fill();
  time_.Advance(59s);
  EXPECT_THAT(found_, IsEmpty());
  time_.Advance(11s);
  EXPECT_THAT(found_, ElementsAre(pair.ours()));
  time_.Advance(100s);
  EXPECT_EQ(found_.size(), 1u);
}

TEST_F(UnreadSocketsTest, OneThatIsReadNowAndThenStays) {
  const SocketPair pair = SocketPair::Unix();
  pair.Fill();
  sockets_.Add(pair.ours());
  for (int i = 0; i < 10; ++i) {
    time_.Advance(50s);
    pair.Read();
  }
  EXPECT_THAT(found_, IsEmpty());
  // Full again each time: what was read left room for as much.
  time_.Advance(70s);
  EXPECT_THAT(found_, ElementsAre(pair.ours()));
}

TEST_F(UnreadSocketsTest, OneThatHasSentNothingStays) {
  const SocketPair pair = SocketPair::Unix();
  sockets_.Add(pair.ours());
  time_.Advance(1000s);
  EXPECT_THAT(found_, IsEmpty());
}

TEST_F(UnreadSocketsTest, OverTcpItIsTheSame) {
  const SocketPair unread = SocketPair::Tcp();
  const SocketPair idle = SocketPair::Tcp();
  sockets_.Add(unread.ours());
  sockets_.Add(idle.ours());
  unread.Fill();
  // Real acknowledgements may still come.
  EXPECT_TRUE(Eventually([&] {
    time_.Advance(10s);
    return !found_.empty();
  }));
  EXPECT_THAT(found_, ElementsAre(unread.ours()));
}

TEST_F(UnreadSocketsTest, NoTimerRunsWhileThereIsNone) {
  EXPECT_EQ(time_.waiting(), 0u);
  const SocketPair pair = SocketPair::Unix();
  sockets_.Add(pair.ours());
  EXPECT_EQ(time_.waiting(), 1u);
  sockets_.Remove(pair.ours());
  time_.Advance(10s);
  EXPECT_EQ(time_.waiting(), 0u);
}

// As gRPC has them: what is watched and broken is a duplicate.
class HangUpsTest : public ::testing::Test {
 protected:
  ~HangUpsTest() override {
    loop_.Post([this] { loop_.Stop(); });
    thread_.join();
  }

  void Keep(const SocketPair& pair) {
    loop_.Post([this, &pair] { hang_ups_.Keep(pair.ours()); });
  }

  AsioEventLoop loop_;
  std::atomic<int> ended_ = 0;
  HangUps hang_ups_{loop_, "--api-listen", [this](auto) { ++ended_; },
                    std::chrono::milliseconds(200)};
  std::thread thread_{[this] { loop_.Run(); }};
};

TEST_F(HangUpsTest, AConnectionThatIsLeftUnreadIsEnded) {
  const SocketPair unread = SocketPair::Unix();
  const SocketPair idle = SocketPair::Unix();
  Keep(unread);
  Keep(idle);
  unread.Fill();
  EXPECT_TRUE(Eventually([&] { return unread.IsHungUp(); }));
  EXPECT_TRUE(Eventually([&] { return ended_ == 1; }));
  EXPECT_FALSE(idle.IsHungUp());
}

TEST_F(HangUpsTest, AllCanBeEndedFromAnyThread) {
  const SocketPair one = SocketPair::Unix();
  const SocketPair another = SocketPair::Tcp();
  Keep(one);
  Keep(another);
  EXPECT_TRUE(Eventually([&] {
    hang_ups_.BreakAll();
    return ended_ == 2;
  }));
  EXPECT_TRUE(one.IsHungUp());
  EXPECT_TRUE(another.IsHungUp());
}

}  // namespace
}  // namespace interlink::daemon
