#include "daemon/sip/sip_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sip/sip_stream.h"
#include "tests/daemon/sip/sip_client.h"
#include "tests/support/eventually.h"
#include "tests/support/sip_fakes.h"
#include "tests/support/status_matchers.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::FakeCalls;
using ::interlink::testing::IsOk;
using ::interlink::testing::SipField;
using ::interlink::testing::SipMessage;
using ::interlink::testing::SipStatus;
using ::interlink::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using By = SipClient::By;

std::unique_ptr<SipListener> Listen(const std::string& address,
                                    const std::string& allowed = "127.0.0.1") {
  auto listener = SipListener::Start(
      {.address = address, .allowed = {*AddressRange::Parse(allowed)}},
      [](federation::EventLoop&) {
        auto calls = std::make_unique<FakeCalls>();
        calls->known["201"] =
            CallDirectory::Target{.uri = "sip:201@pbx.example.net"};
        return calls;
      });
  EXPECT_THAT(listener, IsOk());
  (*listener)->SetServing(true);
  return *std::move(listener);
}

class SipListenerTest : public ::testing::Test {
 protected:
  std::unique_ptr<SipListener> listener_ = Listen("127.0.0.1:0");
};

TEST_F(SipListenerTest, AnswersOverUdpAndTcpAtOnePort) {
  EXPECT_THAT(listener_->address(), StartsWith("127.0.0.1:"));
  for (const By by : {By::kUdp, By::kTcp}) {
    const std::string answer =
        SipClient(by, listener_->address()).Ask(SipMessage().text());
    EXPECT_EQ(SipStatus(answer), 302) << answer;
    EXPECT_EQ(SipField(answer, "Contact"), "<sip:201@pbx.example.net>");
  }
}

TEST_F(SipListenerTest, WithoutRportTheAnswerGoesToThePortThatIsWritten) {
  const SipClient sender(By::kUdp, listener_->address());
  const SipClient receiver(By::kUdp, listener_->address());
  ASSERT_TRUE(sender.Send(SipMessage()
                              .With("Via", "SIP/2.0/UDP 127.0.0.1:" +
                                               std::to_string(receiver.port()) +
                                               ";branch=z9hG4bK1")
                              .text()));
  EXPECT_EQ(SipStatus(receiver.Receive()), 302);
}

// Where all addresses are listened at, a client hears only the one it asked.
TEST(SipListenerAddressTest, TheAnswerLeavesFromTheAddressThatWasAsked) {
  for (const char* everywhere : {"0.0.0.0:0", "[::]:0"}) {
    const auto listener = Listen(everywhere, "127.0.0.0/8");
    for (const char* address : {"127.0.0.1", "127.0.0.7"}) {
      const SipClient client(By::kUdp, listener->address(), address,
                             "127.0.0.9");
      const std::string answer = client.Ask(SipMessage().text());
      EXPECT_EQ(SipStatus(answer), 302) << everywhere;
      // Mapped into IPv6, it is still IPv4.
      EXPECT_THAT(SipField(answer, "Via"), HasSubstr(";received=127.0.0.9"));
    }
  }
}

TEST_F(SipListenerTest, AConnectionServesManyRequests) {
  const SipClient client(By::kTcp, listener_->address());
  ASSERT_TRUE(client.Send("\r\n\r\n"));
  EXPECT_EQ(client.Receive(), "\r\n");
  ASSERT_TRUE(client.Send(SipMessage("OPTIONS").text() +
                          SipMessage().text().substr(0, 50)));
  EXPECT_EQ(SipStatus(client.ReadMessage()), 200);
  ASSERT_TRUE(client.Send(SipMessage().text().substr(50)));
  EXPECT_EQ(SipStatus(client.ReadMessage()), 302);
}

TEST_F(SipListenerTest, AMessageWithoutLengthIsAnsweredAndTheConnectionEnds) {
  const SipClient client(By::kTcp, listener_->address());
  ASSERT_TRUE(
      client.Send(SipMessage().Without("Content-Length").text() + "something"));
  EXPECT_EQ(SipStatus(client.ReadMessage()), 400);
  EXPECT_TRUE(client.IsEnded());
}

TEST_F(SipListenerTest, AMessageThatIsTooLongEndsItsConnection) {
  const SipClient client(By::kTcp, listener_->address());
  client.Send("INVITE sip:201@a SIP/2.0\r\nX: " +
              std::string(SipStream::kMostBytes, 'x'));
  EXPECT_TRUE(client.IsEnded());
  EXPECT_EQ(listener_->counters().malformed, 1U);
}

TEST_F(SipListenerTest, ADatagramThatIsTooLongIsDropped) {
  const SipClient client(By::kUdp, listener_->address());
  const auto of_size = [](size_t size) {
    const std::string plain = SipMessage().Add("X", "").text();
    return SipMessage().Add("X", std::string(size - plain.size(), 'x')).text();
  };
  ASSERT_TRUE(client.Send(of_size(8 * 1024 + 1)));
  EXPECT_EQ(SipStatus(client.Ask(of_size(8 * 1024))), 302);
  EXPECT_EQ(listener_->counters().malformed, 1U);
}

TEST_F(SipListenerTest, OtherSourcesAreNotAnswered) {
  const SipClient stranger(By::kUdp, listener_->address(), "127.0.0.1",
                           "127.0.0.2");
  ASSERT_TRUE(stranger.Send(SipMessage().text()));
  EXPECT_TRUE(
      SipClient(By::kTcp, listener_->address(), "127.0.0.1", "127.0.0.2")
          .IsEnded());
  EXPECT_EQ(
      SipStatus(
          SipClient(By::kUdp, listener_->address()).Ask(SipMessage().text())),
      302);
  EXPECT_EQ(listener_->counters().not_allowed, 2U);
  EXPECT_EQ(listener_->counters().redirected_to_peers, 1U);
}

TEST_F(SipListenerTest, WhoIsNoLongerAllowedIsNotAnsweredOverAnOldConnection) {
  const SipClient other(By::kTcp, listener_->address());
  ASSERT_TRUE(other.Send(SipMessage("OPTIONS").text()));
  EXPECT_EQ(SipStatus(other.ReadMessage()), 200);
  listener_->SetAllowed({*AddressRange::Parse("127.0.0.2")});
  EXPECT_EQ(SipStatus(SipClient(By::kUdp, listener_->address(), "127.0.0.1",
                                "127.0.0.2")
                          .AskAgainAndAgain(SipMessage().text())),
            302);
  other.Send(SipMessage("OPTIONS").Branch("z9hG4bK2").text());
  EXPECT_TRUE(other.IsEnded());
}

TEST_F(SipListenerTest, EmptyDatagramsAndLineEndsAreNoMessages) {
  const SipClient client(By::kUdp, listener_->address());
  for (const std::string& text :
       {std::string(), std::string("\r\n\r\n"), std::string(1, '\0')}) {
    ASSERT_TRUE(client.Send(text));
  }
  EXPECT_EQ(SipStatus(client.Ask("\r\n" + SipMessage().text())), 302);
  EXPECT_EQ(listener_->counters().malformed, 0U);
}

// A stranger's noise, and an allowed machine that has gone mad.
TEST_F(SipListenerTest, TenThousandHostileDatagramsDoNotDisturbACall) {
  const SipClient client(By::kUdp, listener_->address());
  const SipClient stranger(By::kUdp, listener_->address(), "127.0.0.1",
                           "127.0.0.2");
  const SipClient mad(By::kUdp, listener_->address());
  const std::string good = SipMessage().text();
  for (int i = 0; i < 10'000; ++i) {
    stranger.Send(good);
    mad.Send(i % 2 == 0 ? good.substr(0, i % good.size())
                        : std::string(i % 8192, static_cast<char>(i)));
    if (i % 100 != 0) continue;
    const std::string branch = "z9hG4bKgood" + std::to_string(i);
    EXPECT_EQ(
        SipStatus(client.AskAgainAndAgain(SipMessage().Branch(branch).text())),
        302);
  }
  EXPECT_GE(listener_->counters().redirected_to_peers, 100U);
}

TEST_F(SipListenerTest, TenThousandHostileConnectionsDoNotDisturbACall) {
  const SipClient talks(By::kTcp, listener_->address());
  std::vector<std::unique_ptr<SipClient>> silent;
  for (int i = 0; i < 10'000; ++i) {
    // At any time 1500 of them stand, more than there are places.
    if (silent.size() == 1500) silent.erase(silent.begin());
    silent.push_back(
        std::make_unique<SipClient>(By::kTcp, listener_->address(), "127.0.0.1",
                                    i % 2 == 0 ? "127.0.0.1" : "127.0.0.2"));
    if (i % 500 != 0) continue;
    // One that is not allowed is closed once all before it were accepted. So
    // there are never more in between than one source has places for.
    EXPECT_TRUE(
        SipClient(By::kTcp, listener_->address(), "127.0.0.1", "127.0.0.2")
            .IsEnded());
    const std::string branch = "z9hG4bKgood" + std::to_string(i);
    ASSERT_TRUE(talks.Send(SipMessage().Branch(branch).text()));
    EXPECT_EQ(SipStatus(talks.ReadMessage()), 302) << i;
    EXPECT_EQ(SipStatus(SipClient(By::kUdp, listener_->address())
                            .Ask(SipMessage().Branch(branch).text())),
              302);
  }
  EXPECT_TRUE(interlink::testing::Eventually(
      [&] { return listener_->turned_away() > 0; }));
}

TEST_F(SipListenerTest, APortThatIsTakenIsRefused) {
  const auto other = SipListener::Start(
      {.address = listener_->address()},
      [](federation::EventLoop&) { return std::make_unique<FakeCalls>(); });
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kUnavailable,
                              HasSubstr(listener_->address())));
}

}  // namespace
}  // namespace interlink::daemon
