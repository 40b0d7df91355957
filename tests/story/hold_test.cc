// When a peer gets no session for a minute.

#include <string>

#include "federation/base/reason.h"
#include "federation/peer/peer_refusal.h"
#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

using HoldTest = SessionTest;

TEST_F(HoldTest, TwoDaemonsThatTakeTurnsAsOneAccountAreAClone) {
  const std::string id = LinkAndStopJohn();
  std::vector<std::unique_ptr<ScriptedPeer>> peers;
  for (uint64_t turn = 1; turn <= 6; ++turn) {
    peers.push_back(std::make_unique<ScriptedPeer>(network, john, mike));
    peers.back()->Greet(id, turn, std::string(16, turn % 2 == 0 ? 'a' : 'b'));
    Advance(2s);
  }
  EXPECT_THAT(mike.EventKinds(), Contains("ACCOUNT_CLONED"));
  EXPECT_EQ(peers.back()->Farewell(), "PEER_IDENTITY_MISMATCH");
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "PEER_IDENTITY_MISMATCH");
  // For a minute.
  ScriptedPeer early(network, john, mike);
  early.Greet(id, 50);
  Advance(1s);
  EXPECT_EQ(early.Farewell(), "PEER_IDENTITY_MISMATCH");
  Advance(60s);
  ScriptedPeer late(network, john, mike);
  late.Greet(id, 51);
  Advance(1s);
  EXPECT_EQ(late.Farewell(), "none");
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

// Each of the two is told the same, and the honest one has to know what to do.
TEST(PeerRefusalTest, ADaemonThatIsTakenForSomebodyElseIsToldOfCopies) {
  const absl::Status told = federation::InOurWords(federation::Refusal(
      federation::Reason::kPeerIdentityMismatch, "whatever a peer says"));
  EXPECT_THAT(std::string(told.message()),
              ::testing::HasSubstr("if a copy of this daemon runs elsewhere, "
                                   "stop one of the two"));
}

// The one that was started more often always wins: no turns are taken.
TEST_F(HoldTest, TwoDaemonsThatRunAtOnceAsOneAccountAreAClone) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer restored(network, john, mike);
  restored.Greet(id, 9, std::string(16, 'a'));
  Advance(1s);
  ScriptedPeer old(network, john, mike);
  old.Greet(id, 8, std::string(16, 'b'));
  Advance(1s);
  EXPECT_EQ(old.Farewell(), "REQUEST_INVALID");
  EXPECT_THAT(old.received.back().goodbye().message(),
              ::testing::HasSubstr("stop one of the two"));
  // The old daemon may have sent its Hello just before it died.
  Advance(15s);
  EXPECT_THAT(mike.EventKinds(), Not(Contains("ACCOUNT_CLONED")));
  ScriptedPeer again(network, john, mike);
  again.Greet(id, 8, std::string(16, 'b'));
  Advance(1s);
  // Until it answers another ping, the restored daemon may be dead.
  EXPECT_THAT(mike.EventKinds(), Not(Contains("ACCOUNT_CLONED")));
  Advance(15s);
  EXPECT_THAT(mike.EventKinds(), Contains("ACCOUNT_CLONED"));
  EXPECT_EQ(restored.Farewell(), "none");
  // Somebody answers, so that it is green; but who?
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "PEER_IDENTITY_MISMATCH");
  EXPECT_THAT(mike.Rows()[0].last_error().message(),
              ::testing::HasSubstr("one is a copy of the other"));
  Advance(6min);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "");
}

TEST_F(HoldTest, ADaemonThatIsDeadIsNoCloneOfTheOneAfterIt) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer dead(network, john, mike);
  dead.Greet(id, 9, std::string(16, 'a'));
  Advance(1s);
  dead.answers_pings = false;
  for (int i = 0; i < 20; ++i) {
    ScriptedPeer restored(network, john, mike);
    restored.Greet(id, 8, std::string(16, 'b'));
    Advance(3s);
  }
  EXPECT_THAT(mike.EventKinds(), Not(Contains("ACCOUNT_CLONED")));
}

TEST_F(HoldTest, APeerThatFloodsIsLeftAloneForAMinute) {
  Link(mike, john);
  Advance(10s);
  mike.account().sessions().HoldFlooder(
      *store::InterlinkId::FromHex(mike.Rows()[0].id()));
  Advance(1s);
  EXPECT_THAT(mike.EventKinds(), Contains("PEER_FLOODED"));
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "RATE_LIMITED");
  Advance(50s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  Advance(2min);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

// A flooder is not believed when it says that it does not know the link.
TEST_F(HoldTest, AnOrphanThatFloodsIsAmberForAMinute) {
  Link(mike, john);
  const auto rows = *john.database().Scan("interlink/");
  for (const auto& entry : rows) {
    ASSERT_THAT(john.database().Commit({}, {store::Op::Delete(entry.key)}),
                IsOk());
  }
  john.Crash();
  john.Start();
  Advance(1min);
  ASSERT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_RED);
  mike.account().sessions().HoldFlooder(
      *store::InterlinkId::FromHex(mike.Rows()[0].id()));
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "RATE_LIMITED");
  Advance(59s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "RATE_LIMITED");
  // Then it is asked again.
  Advance(5s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_RED);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "LINK_UNKNOWN");
}

}  // namespace
}  // namespace interlink::testing
