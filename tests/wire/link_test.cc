// The product over real sockets: what whole daemons do with each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "federation/base/reason.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_account.h"

namespace interlink::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class LinkTest : public ::testing::Test {
 protected:
  WireAccount mike_{"Mike"};
  WireAccount john_{"John"};
};

TEST_F(LinkTest, AKeyLinksTwoAccountsAndBothTurnGreen) {
  const api::Interlink row = LinkAccounts(mike_, john_);
  EXPECT_EQ(row.state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_EQ(mike_.Row("John")->id(), row.id());
  EXPECT_EQ(mike_.Row("John")->peer_account_name(), "John");
  EXPECT_TRUE(Eventually([this] {
    return mike_.Row("John")->indicator() == api::INDICATOR_GREEN &&
           john_.Row("Mike")->indicator() == api::INDICATOR_GREEN;
  }));
}

TEST_F(LinkTest, NumbersAreReachedBothWays) {
  LinkAccounts(mike_, john_);
  mike_.AddNumber("201");
  john_.AddNumber("301");
  // A mirror in step may answer that there is no such number until it hears of
  // the change (design.md section 9).
  const auto is_found = [](WireAccount& account, const std::string& number) {
    return Eventually([&] { return account.Resolve(number).ok(); });
  };
  ASSERT_TRUE(is_found(john_, "201"));
  EXPECT_EQ(john_.Resolve("201")->routes(0).interlink_name(), "Mike");
  ASSERT_TRUE(is_found(mike_, "301"));
  EXPECT_EQ(mike_.Resolve("301")->routes(0).interlink_name(), "John");
}

TEST_F(LinkTest, DeletingOnOneSideRemovesTheRowOnBoth) {
  const api::Interlink row = LinkAccounts(mike_, john_);
  ASSERT_THAT(mike_.Delete(row), IsOk());
  EXPECT_TRUE(Eventually([this] { return !john_.Row("Mike"); }));
}

TEST_F(LinkTest, APeerThatComesBackAnswersTheNextCall) {
  const api::Interlink row = LinkAccounts(mike_, john_);
  mike_.StopListening();
  auto answer = john_.CallLookup(mike_.target(), LookupOver(row));
  EXPECT_FALSE(answer.from_peer);
  mike_.Listen();
  answer = john_.CallLookup(mike_.target(), LookupOver(row));
  EXPECT_THAT(answer.status, IsOk());
  EXPECT_TRUE(answer.from_peer);
}

TEST_F(LinkTest, ARenewedLeafIsShownWithoutARestartAndOldConnectionsLiveOn) {
  const api::Interlink row = LinkAccounts(mike_, john_);
  ASSERT_THAT(john_.CallLookup(mike_.target(), LookupOver(row)).status, IsOk());
  const int before = mike_.listener().open_connections();
  mike_.OnLoop([this] { mike_.tls().Renew(); });
  // Over the connection that stands.
  EXPECT_THAT(john_.CallLookup(mike_.target(), LookupOver(row)).status, IsOk());
  EXPECT_EQ(mike_.listener().open_connections(), before);
  // And a new one, with a new leaf at the other end too.
  john_.OnLoop([this] { john_.tls().Renew(); });
  EXPECT_THAT(john_.CallLookup(mike_.target(), LookupOver(row)).status, IsOk());
}

TEST_F(LinkTest, ALookupWithATraceIsLoggedByWhoeverAnswersIt) {
  const std::string trace =
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  std::promise<std::string> logged;
  mike_.account().traces().SetWrite(
      [&logged](const std::string& line) { logged.set_value(line); });
  auto request = LookupOver(LinkAccounts(mike_, john_), "999");
  request.set_traceparent(trace);
  EXPECT_THAT(john_.CallLookup(mike_.target(), request).status, IsOk());
  EXPECT_THAT(logged.get_future().get(),
              AllOf(HasSubstr("not found"), EndsWith(trace)));
}

}  // namespace
}  // namespace interlink::testing
