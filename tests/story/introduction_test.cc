// What accounts tell their peers of themselves (design.md section 8).

#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

using IntroductionTest = AccountsTest;

// An introduction that was held up on another stream may be out of date.
TEST_F(IntroductionTest,
       WhatAPeerSaysOfItselfIsTakenFromTheLinksOwnStreamOnly) {
  Link(mike, john);
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  john.Crash();
  Advance(1s);
  ScriptedPeer chosen(network, john, mike);
  chosen.Greet(id, 1);
  Advance(2s);
  ASSERT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  ScriptedPeer other(network, john, mike);
  other.answers_pings = false;
  wire::SessionMessage hello = ScriptedPeer::Hello(id, 2);
  hello.mutable_hello()->mutable_introduction()->set_paused(true);
  other.Send(hello);
  Advance(2s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  other.answers_pings = true;
  Advance(14s);  // Until it has answered one, and so taken over.
  EXPECT_EQ(mike.Rows()[0].health(), api::INTERLINK_HEALTH_PAUSED);
}

}  // namespace
}  // namespace interlink::testing
