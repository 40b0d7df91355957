#include "daemon/sip/redirect_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "federation/base/reason.h"
#include "tests/support/sip_message.h"

namespace interlink::daemon {
namespace {

using federation::Reason;
using federation::Refusal;
using ::interlink::testing::SipMessage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Answer = CallDirectory::Answer;
using Target = CallDirectory::Target;

SipRequest RequestOf(const SipMessage& message) {
  const std::string text = message.text();
  const auto request = SipRequest::Parse(MessageHead(text), 0, false);
  EXPECT_TRUE(request.has_value()) << text;
  return request.value_or(SipRequest());
}

int StatusWithoutAsking(const SipMessage& message, bool is_serving = true) {
  const auto answer =
      redirect::AnswerWithoutAsking(RequestOf(message), is_serving);
  return answer ? answer->status : 0;
}

SipAnswer AnswerTo(const std::string& dialled, const Answer& target,
                   const SipMessage& message = SipMessage(),
                   const std::string& source = "127.0.0.11") {
  const auto [answer, why] = redirect::AnswerTo(
      RequestOf(message),
      {.address = boost::asio::ip::make_address(source), .port = 5060},
      {.dialled = dialled}, target);
  EXPECT_EQ(why.empty(), answer.status != 404 || !target.ok());
  return answer;
}

Answer Local(const std::string& destination) {
  return Target{.uri = destination, .is_local = true};
}

TEST(RedirectRulesTest, WhatIsNoCallIsAnsweredWithoutAskingTheAccount) {
  EXPECT_EQ(StatusWithoutAsking(SipMessage()), 0);
  EXPECT_EQ(StatusWithoutAsking(SipMessage("OPTIONS")), 200);
  for (const char* method : {"REGISTER", "BYE", "SUBSCRIBE", "invite", "X"}) {
    const auto answer =
        redirect::AnswerWithoutAsking(RequestOf(SipMessage(method)), true);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_THAT(answer->fields,
                ElementsAre("Allow: INVITE, ACK, CANCEL, OPTIONS"));
  }
  EXPECT_EQ(StatusWithoutAsking(SipMessage("INVITE", "tel:201")), 416);
  EXPECT_EQ(StatusWithoutAsking(SipMessage().With("To", "<sip:2@a>;tag=x")),
            481);
  EXPECT_EQ(StatusWithoutAsking(SipMessage().With("Max-Forwards", "0")), 483);
  EXPECT_EQ(StatusWithoutAsking(SipMessage().With("CSeq", "1 BYE")), 400);
  EXPECT_EQ(StatusWithoutAsking(SipMessage().Start("INVITE sip:2@a SIP/7.0")),
            505);
  // RFC 3261 section 11: whoever is asked for nothing but his abilities says
  // them.
  EXPECT_EQ(
      StatusWithoutAsking(SipMessage("OPTIONS").With("Max-Forwards", "0")),
      200);
}

TEST(RedirectRulesTest, ExtensionsThatAreRequiredAreNamed) {
  const auto answer = redirect::AnswerWithoutAsking(
      RequestOf(SipMessage().Add("Require", "a, b").Add("Require", "c")), true);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 420);
  EXPECT_THAT(answer->fields, ElementsAre("Unsupported: a, b, c"));
}

TEST(RedirectRulesTest, AnAccountThatIsNotReadySaysSo) {
  EXPECT_EQ(StatusWithoutAsking(SipMessage(), false), 503);
  EXPECT_EQ(StatusWithoutAsking(SipMessage("OPTIONS"), false), 503);
}

TEST(RedirectRulesTest, APeersNumberLeadsToItsUriForAsLongAsTheRouteHolds) {
  EXPECT_EQ(
      AnswerTo("201", Target{.uri = "sip:201@pbx.example.net",
                             .holds_for = std::chrono::seconds(11)}),
      (SipAnswer{302, {"Contact: <sip:201@pbx.example.net>;expires=11"}}));
  // Without a time it holds for this call.
  for (int left : {0, -5}) {
    EXPECT_EQ(AnswerTo("201", Target{.uri = "sip:201@pbx.example.net",
                                     .holds_for = std::chrono::seconds(left)}),
              (SipAnswer{302, {"Contact: <sip:201@pbx.example.net>"}}));
  }
}

TEST(RedirectRulesTest, AnExtensionIsDialledAtTheAskingPbx) {
  EXPECT_EQ(AnswerTo("201", Local("300")),
            (SipAnswer{302, {"Contact: <sip:300@127.0.0.11:5060>"}}));
  EXPECT_EQ(AnswerTo("201", Local("*98#a+b._-")),
            (SipAnswer{302, {"Contact: <sip:*98%23a+b._-@127.0.0.11:5060>"}}));
  // The top Via names another machine, or a name.
  EXPECT_EQ(AnswerTo("201", Local("300"), SipMessage(), "192.0.2.4"),
            (SipAnswer{302, {"Contact: <sip:300@192.0.2.4>"}}));
  EXPECT_EQ(AnswerTo("201", Local("300"), SipMessage(), "2001:db8::1"),
            (SipAnswer{302, {"Contact: <sip:300@[2001:db8::1]>"}}));
}

TEST(RedirectRulesTest, OnlyACallThatWasLetInIsToldItsInterlink) {
  const Target admitted{.uri = "300",
                        .is_local = true,
                        .interlink_name = "J\xc3\xbcrgen\r\nContact: <sip:0@x>",
                        .number = "201"};
  EXPECT_EQ(AnswerTo("il-201-abc", admitted),
            (SipAnswer{302,
                       {"Contact: <sip:300@127.0.0.11:5060>",
                        "X-Interlink-Name: J\xc3\xbcrgen??Contact: <sip:0@x>",
                        "X-Interlink-Number: 201"}}));
}

TEST(RedirectRulesTest, ANumberWithoutDestinationIsToldApart) {
  EXPECT_EQ(AnswerTo("201", Local("")),
            (SipAnswer{404,
                       {"Reason: SIP;cause=404;text=\"NUMBER_NOT_FOUND: this "
                        "account has the number, but without a destination; "
                        "set one with interlinkctl number set\""}}));
}

TEST(RedirectRulesTest, ANumberThatLeadsToItselfIsALoopUnlessItCameByToken) {
  const SipAnswer loop = AnswerTo("201", Local("201"));
  EXPECT_EQ(loop.status, 404);
  EXPECT_THAT(loop.fields, ElementsAre(HasSubstr("is the number itself")));
  EXPECT_EQ(AnswerTo("il-201-abc", Local("201")),
            (SipAnswer{302, {"Contact: <sip:201@127.0.0.11:5060>"}}));
}

TEST(RedirectRulesTest, ADestinationThatNoPhoneCanDialIsNotFound) {
  for (const std::string& destination :
       {std::string("PJSIP/201@trunk"), std::string("tel:201"),
        std::string("300&400"), std::string(33, '3'), std::string("sip:"),
        std::string("sip:300@a>;x=<sip:b"), std::string("sip:\"@a")}) {
    const SipAnswer answer = AnswerTo("201", Local(destination));
    EXPECT_EQ(answer.status, 404) << destination;
    EXPECT_THAT(answer.fields,
                ElementsAre(HasSubstr("the destination is no SIP URI")))
        << destination;
  }
  EXPECT_EQ(AnswerTo("201", Local("sips:300@10.0.0.5;transport=tcp")),
            (SipAnswer{302, {"Contact: <sips:300@10.0.0.5;transport=tcp>"}}));
}

TEST(RedirectRulesTest, ErrorsOfTheAccountHaveTheirStatus) {
  const auto status = [](Reason reason) {
    return AnswerTo("201", Refusal(reason, "why")).status;
  };
  EXPECT_EQ(status(Reason::kNumberNotFound), 404);
  EXPECT_EQ(status(Reason::kNumberInvalid), 404);
  EXPECT_EQ(status(Reason::kLookupIncomplete), 480);
  EXPECT_EQ(status(Reason::kRateLimited), 480);
  EXPECT_EQ(status(Reason::kStoreUnavailable), 503);
  EXPECT_EQ(AnswerTo("201", absl::InternalError("x")).status, 503);
}

// A phone's redial of an old token has to be understood.
TEST(RedirectRulesTest, ARefusedCallIsToldWhyAndWhatToDo) {
  EXPECT_EQ(AnswerTo("il-201-abc",
                     Refusal(Reason::kNotPermitted, "dial \"201\" again")),
            (SipAnswer{403,
                       {R"(Reason: SIP;cause=403;text="NOT_PERMITTED: )"
                        R"(dial \"201\" again")"}}));
  EXPECT_THAT(AnswerTo("201", Refusal(Reason::kNumberNotFound, "x")).fields,
              IsEmpty());
}

TEST(RedirectRulesTest, ATokenIsKnownByItsBeginningInEitherCase) {
  EXPECT_TRUE(redirect::HasToken({.dialled = "il-201-abc"}));
  EXPECT_TRUE(redirect::HasToken({.dialled = "IL-201-ABC"}));
  EXPECT_FALSE(redirect::HasToken({.dialled = "201"}));
  EXPECT_FALSE(redirect::HasToken({.dialled = "il201"}));
}

}  // namespace
}  // namespace interlink::daemon
