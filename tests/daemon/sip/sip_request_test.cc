#include "daemon/sip/sip_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/sip_message.h"

namespace interlink::daemon {
namespace {

using ::interlink::testing::SipMessage;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

std::optional<SipRequest> ParseSip(const SipMessage& message,
                                   bool is_stream = false) {
  const std::string text = message.text();
  return SipRequest::Parse(MessageHead(text), 0, is_stream);
}

SipRequest Read(const SipMessage& message) {
  const auto request = ParseSip(message);
  EXPECT_TRUE(request.has_value()) << message.text();
  return request.value_or(SipRequest());
}

TEST(SipRequestTest, KeepsWhatItsAnswerRepeats) {
  const SipRequest request =
      Read(SipMessage()
               .Add("v", "SIP/2.0/TCP a;branch=z9hG4bK2, SIP/2.0/UDP b")
               .Add("Require", "100rel , timer")
               .Add("Timestamp", "54"));
  EXPECT_EQ(request.method, "INVITE");
  EXPECT_TRUE(request.has_sip_uri);
  EXPECT_EQ(request.user, "201");
  EXPECT_EQ(request.via.branch(), "z9hG4bK1");
  EXPECT_THAT(request.later_vias,
              ElementsAre("SIP/2.0/TCP a;branch=z9hG4bK2", "SIP/2.0/UDP b"));
  EXPECT_EQ(request.from, "\"Alice A\" <sip:101@127.0.0.11>;tag=a1");
  EXPECT_EQ(request.to, "<sip:201@127.0.0.1>");
  EXPECT_FALSE(request.has_to_tag);
  EXPECT_EQ(request.call_id, "call-1");
  EXPECT_EQ(request.cseq, "7 INVITE");
  EXPECT_THAT(request.max_forwards, Optional(70U));
  EXPECT_THAT(request.required, ElementsAre("100rel", "timer"));
  EXPECT_EQ(request.timestamp, "54");
  EXPECT_THAT(request.fault, IsEmpty());
  EXPECT_TRUE(Read(SipMessage().With("To", "sip:2@a;tag=t")).has_to_tag);
}

TEST(SipRequestTest, TheDialledUserIsReadWithoutItsEscapes) {
  const auto user_of = [](const std::string& uri) {
    return Read(SipMessage("INVITE", uri)).user;
  };
  EXPECT_EQ(user_of("sip:201@127.0.0.1;transport=tcp"), "201");
  EXPECT_EQ(user_of("SIPS:%32%30%31@[::1]:5061"), "201");
  EXPECT_EQ(user_of("sip:*98%23@pbx"), "*98#");
  EXPECT_EQ(user_of("sip:201:secret@pbx"), "201");
  EXPECT_EQ(user_of("sip:pbx.example.net"), "");
  EXPECT_FALSE(Read(SipMessage("INVITE", "tel:+123")).has_sip_uri);
}

// libosip2 ends a text at NUL, and at an escape that is none: a longer user
// must not become a number.
TEST(SipRequestTest, ABrokenEscapeIsMalformed) {
  for (const char* uri : {"sip:201%00@a", "sip:201%@a", "sip:201%4@a",
                          "sip:201%zz@a", "sip:201@a?Route=%3Csip:b%3E",
                          "sip:2 01@a", "<sip:201@a>", "201", "sip:"}) {
    EXPECT_THAT(Read(SipMessage("INVITE", uri)).fault, Not(IsEmpty())) << uri;
  }
}

TEST(SipRequestTest, TheAssertedCallerCountsBeforeTheOneInFrom) {
  EXPECT_EQ(Read(SipMessage()).calling_number, "101");
  const auto asserted = [](const std::string& value) {
    return Read(SipMessage().Add("P-Asserted-Identity", value)).calling_number;
  };
  EXPECT_EQ(asserted("\"A, B\" <sip:105@a>, <tel:106>"), "105");
  EXPECT_EQ(asserted("<tel:106>"), "106");
  EXPECT_EQ(asserted("<sip:alice@a>"), "");
  EXPECT_EQ(asserted("rubbish"), "");
  EXPECT_EQ(Read(SipMessage().With("From", "<sip:anonymous@x.invalid>;tag=1"))
                .calling_number,
            "");
  EXPECT_EQ(
      Read(SipMessage().With("From", "<sip:" + std::string(33, '1') + "@a>"))
          .calling_number,
      "");
}

TEST(SipRequestTest, MalformedOnesSayWhy) {
  for (const SipMessage& message :
       {SipMessage().With("CSeq", "7 OPTIONS"),
        SipMessage().With("CSeq", "36893488147419103232 INVITE"),
        SipMessage().With("CSeq", "-1 INVITE"), SipMessage().With("CSeq", "7"),
        SipMessage().With("Max-Forwards", "300"),
        SipMessage().With("Content-Length", "-999"),
        SipMessage().With("Content-Length", "9"),
        SipMessage().Add("Content-Length", "0"),
        SipMessage().Add("Call-ID", "another"),
        SipMessage().Add("To", "<sip:2@a>"),
        SipMessage().With("To", "\"Mr. <sip:2@a>"),
        SipMessage().With("To", "\"W\" < sip:2@a >"),
        SipMessage().With("From", "Bell, Alexander <sip:1@a>;tag=1"),
        SipMessage().Add("no name", "x"),
        SipMessage().Start("INVITE sip:201@a  SIP/2.0"),
        SipMessage().Start("INVITE  sip:201@a SIP/2.0"),
        SipMessage().Start("INVITE sip:201@a SIP/2.0 "),
        SipMessage().Start("INVITE sip:201@a"),
        SipMessage().Start("INVITE SIP/2.0")}) {
    EXPECT_THAT(Read(message).fault, Not(IsEmpty())) << message.text();
  }
  EXPECT_FALSE(Read(SipMessage().Start("INVITE sip:2@a SIP/7.0")).is_sip_2_0);
}

TEST(SipRequestTest, WhatNobodyCanAnswerIsNone) {
  for (const SipMessage& message :
       {SipMessage().Without("Via"), SipMessage().Without("From"),
        SipMessage().Without("To"), SipMessage().Without("Call-ID"),
        SipMessage().Without("CSeq"), SipMessage().With("Via", "rubbish"),
        SipMessage().With("Via", "SIP/2.0/UDP 192.0.2.15;;,;,,"),
        SipMessage().With("From", std::string("<sip:1@a>\0;tag=1", 16)),
        SipMessage().Start("SIP/2.0 200 OK"), SipMessage().Start("INVITE"),
        SipMessage().Start(" sip:201@a SIP/2.0"), SipMessage().Start("")}) {
    EXPECT_FALSE(ParseSip(message).has_value()) << message.text();
  }
}

TEST(SipRequestTest, OverAStreamItSaysWhereItEnds) {
  const auto request = ParseSip(SipMessage().Without("Content-Length"),
                                /*is_stream=*/true);
  ASSERT_TRUE(request.has_value());
  EXPECT_THAT(request->fault, Not(IsEmpty()));
}

TEST(SipRequestTest, ItsTransactionIsNamedByAllThatACancelRepeats) {
  const std::string key = Read(SipMessage()).TransactionKey();
  for (const char* method : {"ACK", "CANCEL"}) {
    EXPECT_EQ(
        Read(SipMessage(method).With("To", "<sip:2@a>;tag=x")).TransactionKey(),
        key);
  }
  EXPECT_EQ(Read(SipMessage().With("CSeq", "007 INVITE")).TransactionKey(),
            key);
  EXPECT_EQ(Read(SipMessage().Add("Subject", "x")).TransactionKey(), key);
  for (const SipMessage& other :
       {SipMessage("OPTIONS"), SipMessage("INVITE", "sip:202@a"),
        SipMessage().Branch("z9hG4bK2"),
        SipMessage().With("Via", "SIP/2.0/UDP a;branch=z9hG4bK1"),
        SipMessage().With("Call-ID", "call-2"),
        SipMessage().With("CSeq", "8 INVITE"),
        SipMessage().With("From", "<sip:101@127.0.0.11>;tag=a2")}) {
    EXPECT_NE(Read(other).TransactionKey(), key) << other.text();
  }
}

// RFC 2543 has no branches that differ.
TEST(SipRequestTest, WithoutAGoodBranchTheOtherFieldsNameTheTransaction) {
  for (const char* via : {"SIP/2.0/UDP a", "SIP/2.0/UDP a;branch=1"}) {
    const auto key_with = [via](const std::string& call_id) {
      return Read(SipMessage().With("Via", via).With("Call-ID", call_id))
          .TransactionKey();
    };
    EXPECT_EQ(key_with("a"), key_with("a"));
    EXPECT_NE(key_with("a"), key_with("b"));
  }
}

}  // namespace
}  // namespace interlink::daemon
