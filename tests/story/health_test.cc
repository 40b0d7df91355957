// A circle that cannot lie (design.md section 7).

#include <string>

#include "federation/ledger/interlink_update.h"
#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

using ::testing::HasSubstr;
using HealthTest = AccountsTest;

TEST_F(HealthTest, GreenEndsThirtySecondsAfterTheLastAnswer) {
  Link(mike, john);
  Advance(1min);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_GREEN);
  john.Crash();
  Advance(31s);
  const auto row = *mike.Row("John Smith");
  EXPECT_EQ(row.indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(row.health(), api::INTERLINK_HEALTH_UNREACHABLE);
  EXPECT_EQ(row.last_error().reason(), "PEER_UNREACHABLE");
  EXPECT_TRUE(row.has_next_try_time());
  EXPECT_TRUE(row.has_health_since_time());
}

TEST_F(HealthTest, GreenEndsFiveSecondsAfterTheSession) {
  Link(mike, john);
  Advance(1min);
  john.Crash();
  Advance(4900ms);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_GREEN);
  Advance(200ms);
  const auto row = *mike.Row("John Smith");
  EXPECT_EQ(row.indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(row.health(), api::INTERLINK_HEALTH_UNREACHABLE);
  EXPECT_EQ(row.last_error().reason(), "PEER_UNREACHABLE");
}

TEST_F(HealthTest, ASessionThatComesBackAtOnceKeepsTheGreen) {
  Link(mike, john);
  Advance(1min);
  network.BreakSessions(mike, john);
  for (int i = 0; i < 100; ++i) {
    Advance(100ms);
    EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN) << i;
    EXPECT_EQ(john.Rows()[0].indicator(), api::INDICATOR_GREEN) << i;
  }
}

// The handshake proves that the peer is there, for as long as any answer does.
TEST_F(HealthTest, ALinkThatNeverGetsASessionTurnsAmberToo) {
  Link(mike, john);
  network.Cut(mike, john);
  network.Cut(john, mike);
  Advance(4900ms);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  Advance(200ms);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(john.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_TRUE(mike.Rows()[0].has_last_error());
}

TEST_F(HealthTest, ARowSaysWhenItsPeerAnsweredLast) {
  Link(mike, john);
  EXPECT_TRUE(mike.Rows()[0].has_last_answer_time());
  Advance(1min);
  john.Crash();
  const auto last = mike.Rows()[0].last_answer_time();
  const double age =
      std::chrono::duration<double>(mike.Clock() - store::FromTimestamp(last))
          .count();
  EXPECT_GE(age, 0);
  EXPECT_LE(age, 11);
  Advance(10min);
  EXPECT_EQ(mike.Rows()[0].last_answer_time().seconds(), last.seconds());
  mike.Crash();
  mike.Start();
  EXPECT_FALSE(mike.Rows()[0].has_last_answer_time());
}

// The store takes no changes, so the row cannot be removed.
TEST_F(HealthTest, NoGreenStandsOverALinkThatThePeerHasEnded) {
  Link(mike, john);
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  john.Crash();
  Advance(1s);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(1s);
  ASSERT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  mike.disk().FailNextSync(CrashEnv::Failure::kNothingSynced);
  federation::v1::SessionMessage message;
  message.mutable_goodbye()->set_reason("LINK_TERMINATED");
  peer.Send(message);
  const auto is_told = [this] {
    return mike.Row("John Smith")->last_error().reason() == "LINK_TERMINATED";
  };
  ASSERT_TRUE(time.AdvanceUntil(is_told, 1s));
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
}

TEST_F(HealthTest, ASilentPeerIsNoticedToo) {
  Link(mike, john);
  network.Cut(mike, john);
  network.Cut(john, mike);
  Advance(45s);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(john.Row("Mike Brown")->indicator(), api::INDICATOR_AMBER);
}

TEST_F(HealthTest, GreenComesBackSoonAfterThePeer) {
  Link(mike, john);
  john.Crash();
  Advance(10min);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_AMBER);
  john.Start();
  Advance(11s);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(john.Row("Mike Brown")->indicator(), api::INDICATOR_GREEN);
  EXPECT_FALSE(mike.Row("John Smith")->has_last_error());
}

TEST_F(HealthTest, AfterAStartNothingIsGreenUnproved) {
  Link(mike, john);
  john.Crash();
  mike.Crash();
  mike.Start();
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_AMBER);
  EXPECT_TRUE(mike.Row("John Smith")->has_last_error());
}

TEST_F(HealthTest, ACallFromThePeerCountsAsAnAnswer) {
  Link(mike, john);
  network.Cut(mike, john);  // Mike cannot call, John can.
  Advance(2min);
  EXPECT_EQ(mike.Row("John Smith")->health(), api::INTERLINK_HEALTH_CONNECTED);
}

TEST_F(HealthTest, APauseIsAmberOnBothSidesAndKeepsTheLink) {
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  Link(mike, john);
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_AMBER);
  const auto nobody = mike.Resolve("201");
  EXPECT_THAT(nobody, HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(
      std::string(nobody.status().message()),
      HasSubstr("not asked: \"John Smith\" (paused here); an interlink is "
                "asked again once it is resumed"));
  EXPECT_THAT(john.Resolve("101"), Not(IsOk()));
  Advance(15s);
  EXPECT_THAT(std::string(john.Resolve("101").status().message()),
              HasSubstr("\"Mike Brown\" (paused by the other account)"));
  EXPECT_EQ(john.Row("Mike Brown")->health(), api::INTERLINK_HEALTH_PAUSED);
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(15s);
  EXPECT_EQ(john.Row("Mike Brown")->health(), api::INTERLINK_HEALTH_CONNECTED);
  EXPECT_THAT(john.Resolve("101"), IsOk());
  EXPECT_THAT(std::string(mike.Resolve("202").status().message()),
              Not(HasSubstr("not asked")));
  ExpectAgree(mike, john, 1);
}

TEST_F(HealthTest, AManualAddressIsTriedFirstAndRescuesALink) {
  Link(mike, john);
  // John's old address leads nowhere now.
  auto entry = mike.database().Scan("interlink/");
  auto record = store::Decode<store::v1::InterlinkRecord>(entry->front().value);
  record->mutable_peer()->clear_addresses();
  record->mutable_peer()->add_addresses("gone.test:1");
  ASSERT_THAT(
      mike.database().Commit(
          {}, {store::Op::Put(entry->front().key, store::Encode(*record))}),
      IsOk());
  network.Cut(john, mike);
  network.BreakSessions(john, mike);
  Advance(1min);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_AMBER);
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = *mike.Row("John Smith");
  request.mutable_interlink()->set_manual_address(john.address());
  request.mutable_update_mask()->add_paths("manual_address");
  ASSERT_THAT(mike.Update(request), IsOk());
  Advance(11s);
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_GREEN);
}

TEST_F(HealthTest, TheRoundTripIsMeasured) {
  network.latency = 25ms;
  Link(mike, john);
  Advance(15s);
  const auto row = *mike.Row("John Smith");
  EXPECT_EQ(row.round_trip().nanos(), 50'000'000);
}

}  // namespace
}  // namespace interlink::testing
