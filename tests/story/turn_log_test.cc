// The events that tell of a link's circle.

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

class TurnLogTest : public SessionTest {
 protected:
  // Mike's events of these kinds, the oldest first.
  std::vector<std::string> Turns() const {
    std::vector<std::string> turns;
    for (const std::string& kind : mike.EventKinds()) {
      for (const char* turn : {"CONNECTED", "UNREACHABLE", "ORPHANED",
                               "PAUSED_BY_PEER", "RESUMED_BY_PEER"}) {
        if (kind == turn) turns.insert(turns.begin(), kind);
      }
    }
    return turns;
  }
  api::Event Newest() { return mike.account().events().List({})->events(0); }
};

TEST_F(TurnLogTest, AmberAndGreenAgainAreEvents) {
  Link(mike, john);
  Advance(1min);
  EXPECT_THAT(Turns(), IsEmpty());
  john.Crash();
  Advance(10s);
  EXPECT_THAT(Turns(), ElementsAre("UNREACHABLE"));
  EXPECT_EQ(Newest().message(),
            "not connected any more: connection refused at " + john.address());
  EXPECT_EQ(Newest().interlink_name(), "John Smith");
  Advance(1h);
  john.Start();
  Advance(10s);
  EXPECT_THAT(Turns(), ElementsAre("UNREACHABLE", "CONNECTED"));
}

TEST_F(TurnLogTest, APauseByThePeerAndItsEndAreEvents) {
  Link(mike, john);
  Advance(1min);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  Advance(5s);
  EXPECT_THAT(Turns(), ElementsAre("PAUSED_BY_PEER"));
  EXPECT_EQ(Newest().actor(), "peer");
  ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
  Advance(5s);
  EXPECT_THAT(Turns(), ElementsAre("PAUSED_BY_PEER", "RESUMED_BY_PEER"));
}

TEST_F(TurnLogTest, AnOwnPauseIsOneEvent) {
  Link(mike, john);
  Advance(1min);
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  Advance(1min);
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(1min);
  EXPECT_THAT(Turns(), IsEmpty());
}

TEST_F(TurnLogTest, AfterAStartOnlyUnreachablePeersAreEvents) {
  Link(mike, john);
  Advance(1min);
  mike.Crash();
  mike.Start();
  Advance(1min);
  EXPECT_THAT(Turns(), IsEmpty());
  john.Crash();
  mike.Crash();
  mike.Start();
  Advance(29s);
  EXPECT_THAT(Turns(), IsEmpty());
  Advance(2s);
  EXPECT_THAT(Turns(), ElementsAre("UNREACHABLE"));
}

// However often the link comes and goes, its last event is true.
TEST_F(TurnLogTest, ALinkThatFlapsWritesLittleAndItsLastWordIsTrue) {
  const std::string id = LinkAndStopJohn();
  Advance(1min);
  const auto revision = mike.database().revision();
  for (uint64_t i = 1; i <= 200; ++i) {
    ScriptedPeer peer(network, john, mike);
    peer.Greet(id, i);
    Advance(1s);
    peer.HangUp();
    Advance(5500ms);
  }
  // A token each six seconds, and ten at once.
  EXPECT_LE(mike.database().revision() - revision, 200 * 6.5 / 6 + 11);
  EXPECT_LE(Turns().size(), 2 * federation::EventLog::kMaxOfOneKind);
  Advance(1min);
  EXPECT_EQ(Turns().back(), "UNREACHABLE");
}

TEST_F(TurnLogTest, AnEventThatCannotBeStoredIsStoredLaterIfItStillHolds) {
  Link(mike, john);
  Advance(1min);
  mike.disk().FailNextSync(CrashEnv::Failure::kNothingSynced);
  john.Crash();
  Advance(10s);
  ASSERT_TRUE(mike.disk().has_failed());
  EXPECT_THAT(Turns(), IsEmpty());
  mike.disk().Restart();
  ASSERT_THAT(mike.database().Reopen(), IsOk());
  Advance(10s);
  EXPECT_THAT(Turns(), ElementsAre("UNREACHABLE"));
}

}  // namespace
}  // namespace interlink::testing
