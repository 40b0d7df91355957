#include "daemon/sip/sip_connection.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "tests/daemon/sip/sip_client.h"
#include "tests/support/sip_message.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::SipMessage;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;
using tcp = boost::asio::ip::tcp;

// A connection of which the test is the owner, under virtual time.
class SipConnectionTest : public ::testing::Test, public SipConnection::Owner {
 protected:
  SipConnectionTest() {
    tcp::socket socket(context_);
    acceptor_.accept(socket);
    const auto connection = std::make_shared<SipConnection>(
        std::move(socket), SipSource{.is_stream = true}, *this, loop_);
    connection->Start();
    connection_ = connection;
  }

  void Received(SipConnection&, std::string_view, size_t) override {
    ++received_;
  }
  void Garbage(SipConnection&) override {}
  void Ended(SipConnection&) override { is_open_ = false; }

  void Bring(const std::string& bytes) {
    ASSERT_TRUE(client_.Send(bytes));
    context_.run_one();
    context_.poll();  // Ends the answer to a ping.
  }
  void Answer(const std::string& bytes) {
    const auto standing = connection_.lock();
    ASSERT_NE(standing, nullptr);
    standing->Send(bytes, 0);
  }
  bool IsOpen() {
    context_.poll();  // Ends what waited when it was closed.
    return is_open_;
  }
  void Advance(federation::Duration by) { time_.Advance(by); }

  const std::string message_ = SipMessage().text();
  const std::string first_half_ = message_.substr(0, 50);
  const std::string second_half_ = message_.substr(50);
  int received_ = 0;

 private:
  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  bool is_open_ = true;
  std::weak_ptr<SipConnection> connection_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{
      context_, {boost::asio::ip::address_v4::loopback(), /*port=*/0}};
  const SipClient client_{
      SipClient::By::kTcp,
      "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())};
};

TEST_F(SipConnectionTest, OneThatSaysNothingIsClosed) {
  Advance(4s);
  EXPECT_TRUE(IsOpen());
  Advance(1s);
  EXPECT_FALSE(IsOpen());
}

TEST_F(SipConnectionTest, BetweenMessagesItMayBeIdle) {
  Bring(message_);
  Advance(1h);
  Bring("\r\n\r\n");
  Advance(1h);
  Bring(message_);
  EXPECT_EQ(received_, 2);
  EXPECT_TRUE(IsOpen());
}

TEST_F(SipConnectionTest, AMessageEndsWithinItsTimeOrNeverWill) {
  Bring(message_);
  Advance(1h);
  Bring(first_half_);
  Advance(4s);
  Bring("X");  // More bytes give it no more time.
  EXPECT_TRUE(IsOpen());
  Advance(1s);
  EXPECT_FALSE(IsOpen());
}

// What a busy PBX sends is seldom cut where a message ends.
TEST_F(SipConnectionTest, EachMessageHasATimeOfItsOwn) {
  Bring(first_half_);
  for (int i = 1; i < 10; ++i) {
    Advance(3s);
    Bring(second_half_ + first_half_);
    EXPECT_EQ(received_, i);
  }
  Advance(4s);
  EXPECT_TRUE(IsOpen());
  Advance(1s);
  EXPECT_FALSE(IsOpen());
}

TEST_F(SipConnectionTest, WhoeverTakesNoAnswerIsClosed) {
  Bring(message_);
  // More than the system keeps for somebody who does not read.
  Answer(std::string(32 << 20, 'x'));
  EXPECT_TRUE(IsOpen());
  Advance(10s);
  Answer("another");  // Gives no more time.
  Advance(4s);
  EXPECT_TRUE(IsOpen());
  Advance(1s);
  EXPECT_FALSE(IsOpen());
}

TEST_F(SipConnectionTest, AnAnswerThatWasTakenSetsNoTime) {
  Bring(message_);
  Answer("answer");
  EXPECT_TRUE(IsOpen());
  Advance(1h);
  EXPECT_TRUE(IsOpen());
}

TEST_F(SipConnectionTest, ALineEndBetweenMessagesBeginsNone) {
  Bring(message_ + "\r\n");
  Advance(1h);
  Bring(message_ + "\r");
  Advance(1h);
  Bring("\n" + message_);
  EXPECT_EQ(received_, 3);
  EXPECT_TRUE(IsOpen());
}

}  // namespace
}  // namespace interlink::daemon
