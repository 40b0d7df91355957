#include "daemon/sip/sip_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "federation/base/reason.h"
#include "tests/support/sip_fakes.h"
#include "tests/support/virtual_time.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Refusal;
using ::interlink::testing::FakeCalls;
using ::interlink::testing::KeptAnswers;
using ::interlink::testing::SipField;
using ::interlink::testing::SipMessage;
using ::interlink::testing::SipStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// A server whose account and network are the test's, under virtual time.
class SipServerTest : public ::testing::Test {
 protected:
  SipServerTest() {
    server_.SetServing(true);
    calls_.known["201"] = CallDirectory::Target{
        .uri = "sip:201@pbx.example.net", .holds_for = seconds(10)};
  }

  void Receive(const std::string& text) {
    server_.Receive(text, 0, source_, path_);
  }
  // The answer, which comes at once; empty if none does.
  std::string Ask(const std::string& text) {
    path_.sent().clear();
    Receive(text);
    return path_.sent().empty() ? "" : path_.sent().back().text;
  }
  std::string Ask(const SipMessage& message) { return Ask(message.text()); }

  interlink::testing::VirtualTime time_;
  interlink::testing::VirtualLoop loop_{time_};
  FakeCalls calls_;
  SipCounters counters_;
  KeptAnswers path_;
  SipSource source_{.address = boost::asio::ip::make_address("127.0.0.11"),
                    .port = 40000};
  SipServer server_{loop_, calls_, counters_, 42};
};

TEST_F(SipServerTest, ACallIsRedirectedWithAllThatItsAnswerRepeats) {
  const std::string answer =
      Ask(SipMessage().Add("Via", "SIP/2.0/TCP a;branch=z9hG4bK0"));
  EXPECT_THAT(
      answer,
      StartsWith("SIP/2.0 302 Moved Temporarily\r\n"
                 "Via: SIP/2.0/UDP 127.0.0.11:5060;rport=40000;branch=z9hG4bK1"
                 ";received=127.0.0.11\r\n"
                 "Via: SIP/2.0/TCP a;branch=z9hG4bK0\r\n"
                 "From: \"Alice A\" <sip:101@127.0.0.11>;tag=a1\r\n"
                 "To: <sip:201@127.0.0.1>;tag="));
  EXPECT_THAT(answer, EndsWith("\r\nCall-ID: call-1\r\nCSeq: 7 INVITE\r\n"
                               "Contact: <sip:201@pbx.example.net>;expires=10"
                               "\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(path_.sent()[0].port, 40000);
  ASSERT_THAT(calls_.asked, SizeIs(1));
  EXPECT_EQ(calls_.asked[0].dialled, "201");
  EXPECT_EQ(calls_.asked[0].call_id, "call-1");
  EXPECT_EQ(calls_.asked[0].calling_number, "101");
  EXPECT_EQ(counters_.redirected_to_peers, 1U);
}

TEST_F(SipServerTest, ARepetitionGetsTheSameAnswerWithoutAskingAgain) {
  const std::string first = Ask(SipMessage());
  calls_.known.clear();
  time_.Advance(seconds(31));
  EXPECT_EQ(Ask(SipMessage()), first);
  EXPECT_THAT(calls_.asked, SizeIs(1));
  EXPECT_EQ(counters_.repeated, 1U);
  // A new call.
  EXPECT_EQ(SipStatus(Ask(SipMessage().Branch("z9hG4bK2"))), 404);
}

TEST_F(SipServerTest, ATokenIsAdmittedAndNotResolved) {
  calls_.known["il-201-abc"] =
      CallDirectory::Target{.uri = "300", .is_local = true};
  calls_.known["il-202-abc"] =
      Refusal(Reason::kNotPermitted, "dial the number again");
  EXPECT_THAT(
      SipField(Ask(SipMessage("INVITE", "sip:il-201-abc@a")), "Contact"),
      "<sip:300@127.0.0.11:5060>");
  const std::string refused =
      Ask(SipMessage("INVITE", "sip:il-202-abc@a").Branch("z9hG4bK2"));
  EXPECT_EQ(SipStatus(refused), 403);
  EXPECT_THAT(SipField(refused, "Reason"), HasSubstr("dial the number again"));
  EXPECT_THAT(calls_.admitted, SizeIs(2));
  EXPECT_THAT(calls_.asked, IsEmpty());
  EXPECT_EQ(counters_.admitted, 1U);
  EXPECT_EQ(counters_.refused, 1U);
}

// A proxy that keeps no state may put one branch on all that it relays, as
// Kamailio's forward() does.
TEST_F(SipServerTest, CallsThatShareABranchAreAnsweredEachForItself) {
  calls_.known["202"] = CallDirectory::Target{.uri = "sip:202@b.example"};
  EXPECT_EQ(SipStatus(Ask(SipMessage())), 302);
  const std::string other = Ask(SipMessage("INVITE", "sip:202@a")
                                    .With("Call-ID", "call-2")
                                    .With("From", "<sip:102@a>;tag=b2"));
  EXPECT_EQ(SipField(other, "Contact"), "<sip:202@b.example>");
  EXPECT_EQ(SipField(other, "Call-ID"), "call-2");
  EXPECT_EQ(counters_.repeated, 0U);
}

// Whoever calls through such a proxy chooses the rest.
TEST_F(SipServerTest, OneAdmittedTokenAdmitsNoOther) {
  calls_.known["il-201-abc"] =
      CallDirectory::Target{.uri = "300", .is_local = true};
  calls_.known["il-201-xyz"] = Refusal(Reason::kCallTokenInvalid, "forged");
  EXPECT_EQ(SipStatus(Ask(SipMessage("INVITE", "sip:il-201-abc@a"))), 302);
  EXPECT_EQ(SipStatus(Ask(SipMessage("INVITE", "sip:il-201-xyz@a"))), 403);
}

TEST_F(SipServerTest, AnAckIsSwallowed) {
  EXPECT_EQ(Ask(SipMessage("ACK")), "");
  EXPECT_EQ(Ask(SipMessage("ACK").With("CSeq", "1 BYE")), "");
  EXPECT_EQ(Ask(SipMessage("ACK").Start("ACK sip:2@a SIP/7.0")), "");
}

TEST_F(SipServerTest, WhatCannotBeAnsweredIsDroppedAndCounted) {
  EXPECT_EQ(Ask("rubbish"), "");
  EXPECT_EQ(Ask(SipMessage().Without("Via")), "");
  EXPECT_EQ(Ask(SipMessage().Start("SIP/2.0 200 OK")), "");
  EXPECT_EQ(SipStatus(Ask(SipMessage().With("CSeq", "1 BYE"))), 400);
  EXPECT_EQ(counters_.malformed, 4U);
}

TEST_F(SipServerTest, ItIsUnavailableUntilTheAccountServes) {
  server_.SetServing(false);
  EXPECT_EQ(SipStatus(Ask(SipMessage())), 503);
  EXPECT_THAT(calls_.asked, IsEmpty());
}

TEST_F(SipServerTest, WhileItsPeersAreAskedACallIsToldToWait) {
  calls_.slow = true;
  EXPECT_EQ(Ask(SipMessage().Add("Timestamp", "54")), "");
  Receive(SipMessage().text());  // Again, before anything is known.
  EXPECT_THAT(path_.sent(), IsEmpty());
  EXPECT_THAT(calls_.asked_peers, SizeIs(1));
  time_.Advance(milliseconds(200));
  EXPECT_THAT(path_.statuses(), ElementsAre(100));
  EXPECT_THAT(path_.sent()[0].text, HasSubstr("\r\nTimestamp: 54\r\n"));
  EXPECT_THAT(SipField(path_.sent()[0].text, "To"), Not(HasSubstr("tag=")));
  calls_.PeersAnswer(CallDirectory::Target{.uri = "sip:201@b.example"});
  time_.Advance(milliseconds(500));
  EXPECT_THAT(path_.statuses(), ElementsAre(100, 302, 302));
  Receive(SipMessage("ACK").text());
  time_.Advance(seconds(10));
  EXPECT_THAT(path_.statuses(), SizeIs(3));
}

TEST_F(SipServerTest, PeersThatSayNothingEndTheCallAfterASecond) {
  calls_.slow = true;
  Receive(SipMessage().text());
  time_.Advance(milliseconds(1000));
  EXPECT_THAT(path_.statuses(), ElementsAre(100, 480));
  EXPECT_THAT(SipField(path_.sent()[1].text, "Reason"),
              HasSubstr("LOOKUP_INCOMPLETE"));
  calls_.PeersAnswer(CallDirectory::Target{.uri = "sip:201@b.example"});
  EXPECT_THAT(path_.statuses(), ElementsAre(100, 480));
}

TEST_F(SipServerTest, ACancelledCallIsEnded) {
  calls_.slow = true;
  Receive(SipMessage().text());
  time_.Advance(milliseconds(300));
  Receive(SipMessage("CANCEL").text());
  ASSERT_THAT(path_.statuses(), ElementsAre(100, 200, 487));
  EXPECT_EQ(SipField(path_.sent()[1].text, "CSeq"), "7 CANCEL");
  EXPECT_EQ(SipField(path_.sent()[2].text, "CSeq"), "7 INVITE");
  EXPECT_EQ(SipField(path_.sent()[1].text, "To"),
            SipField(path_.sent()[2].text, "To"));
  calls_.PeersAnswer(CallDirectory::Target{.uri = "sip:201@b.example"});
  Receive(SipMessage("ACK").text());
  time_.Advance(seconds(2));
  EXPECT_THAT(path_.statuses(), SizeIs(3));
}

// A CANCEL has the Via of whoever sends it and no other (RFC 3261 section 9.1).
TEST_F(SipServerTest, TheEndOfACancelledCallFindsItsWayThroughAllProxies) {
  const std::string phone = "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK0";
  calls_.slow = true;
  Receive(SipMessage().Add("Via", phone).text());
  Receive(SipMessage("CANCEL").text());
  ASSERT_THAT(path_.statuses(), ElementsAre(200, 487));
  EXPECT_THAT(path_.sent()[0].text, Not(HasSubstr("Via: " + phone)));
  EXPECT_THAT(path_.sent()[1].text, HasSubstr("\r\nVia: " + phone + "\r\n"));
}

TEST_F(SipServerTest, ACancelOfAnAnsweredCallChangesNothing) {
  Receive(SipMessage().text());
  Receive(SipMessage("CANCEL").text());
  EXPECT_THAT(path_.statuses(), ElementsAre(302, 200));
  EXPECT_EQ(SipStatus(Ask(SipMessage("CANCEL").Branch("z9hG4bK9"))), 481);
}

TEST_F(SipServerTest, AForeignCancelEndsNoCall) {
  calls_.slow = true;
  Receive(SipMessage().text());
  EXPECT_EQ(SipStatus(Ask(SipMessage("CANCEL").With("Call-ID", "call-2"))),
            481);
  EXPECT_EQ(
      SipStatus(Ask(SipMessage("CANCEL").With("From", "<sip:101@a>;tag=b2"))),
      481);
  EXPECT_EQ(SipStatus(Ask(SipMessage("CANCEL").With("CSeq", "8 CANCEL"))), 481);
  path_.sent().clear();
  calls_.PeersAnswer(CallDirectory::Target{.uri = "sip:201@b.example"});
  EXPECT_THAT(path_.statuses(), ElementsAre(302));
}

// What follows it would become a line of the answer, or end the answer.
TEST_F(SipServerTest, WhatEndsALineForSomebodyGetsIntoNoAnswer) {
  int calls = 0;
  for (const char end : {'\n', '\r', '\0'}) {
    const std::string hidden = std::string(1, end) + "Contact: <sip:9@evil>";
    EXPECT_EQ(Ask(SipMessage("INVITE", "sip:201@a" + hidden)), "");
    for (const auto& [name, value] :
         {std::pair("Via", "SIP/2.0/UDP a;branch=z9hG4bK1"),
          std::pair("From", "<sip:1@a>;tag=1"), std::pair("To", "<sip:201@a>"),
          std::pair("Call-ID", "c"), std::pair("CSeq", "1 INVITE")}) {
      EXPECT_EQ(Ask(SipMessage().With(name, value + hidden)), "") << name;
    }
    for (const char* name : {"Via", "Require", "Timestamp", "Subject"}) {
      const std::string answer =
          Ask(SipMessage()
                  .With("Call-ID", std::to_string(++calls))
                  .Add(name, "a" + hidden));
      EXPECT_EQ(SipStatus(answer), 400) << name;
      EXPECT_THAT(answer, Not(HasSubstr("Contact")));
    }
  }
}

TEST_F(SipServerTest, AMalformedCancelIsNotTakenForTheCall) {
  const SipMessage bad = SipMessage("CANCEL").With("Max-Forwards", "x");
  EXPECT_EQ(SipStatus(Ask(bad)), 400);
  EXPECT_EQ(SipStatus(Ask(SipMessage())), 302);
  EXPECT_EQ(SipStatus(Ask(bad)), 400);
}

TEST_F(SipServerTest, TooManyQuestionsToPeersAreAnsweredAtOnce) {
  calls_.slow = true;
  const size_t most = ServerTransactions::Limits().waiting;
  for (size_t i = 0; i < most; ++i) {
    EXPECT_EQ(Ask(SipMessage().Branch("z9hG4bKa" + std::to_string(i))), "");
  }
  EXPECT_EQ(SipStatus(Ask(SipMessage().Branch("z9hG4bKb"))), 480);
  EXPECT_THAT(calls_.asked_peers, SizeIs(most));
  // What memory knows is answered as ever.
  calls_.slow = false;
  EXPECT_EQ(SipStatus(Ask(SipMessage().Branch("z9hG4bKc"))), 302);
}

}  // namespace
}  // namespace interlink::daemon
