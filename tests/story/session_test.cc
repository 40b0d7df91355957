// The live stream of a link (design.md section 8).

#include "federation/ledger/interlink_update.h"
#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

TEST_F(SessionTest, OneSessionIsEnoughWhoeverDials) {
  Link(mike, john);
  Advance(1min);
  for (auto* account : {&mike, &john}) {
    EXPECT_EQ(account->account().sessions().open(), 1u) << account->name();
    EXPECT_EQ(account->account().sessions().pending(), 0u) << account->name();
  }
  const int dialled = network.calls["Session"];
  EXPECT_LE(dialled, 2);
  Advance(24h);
  EXPECT_EQ(network.calls["Session"], dialled);
  // It is replaced unnoticed, in time for both to show new certificates.
  for (int day = 0; day < 15; ++day) {
    Advance(24h);
    EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN) << day;
  }
  EXPECT_GE(network.calls["Session"], dialled + 2);
  EXPECT_LE(network.calls["Session"], dialled + 5);
  EXPECT_EQ(network.calls["Lookup"], 0);
}

TEST_F(SessionTest, ALinkThatHasUsedUpItsLookupsGetsItsSession) {
  const std::string id = LinkAndStopJohn();
  mike.settings.lookup_limit = 1;
  mike.account().Reload(mike.settings);
  wire::LookupRequest request;
  request.set_interlink_id(store::InterlinkId::FromHex(id)->ToBytes());
  const auto look_up = [&] {
    return mike.account().lookups().Answer(john.AsCaller(), request)->status();
  };
  const auto pings = mike.account().counters().pings_received.load();
  ASSERT_THAT(look_up(), IsOk());
  ASSERT_THAT(look_up(), HasReason(Reason::kRateLimited));
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(100ms);
  EXPECT_EQ(peer.Farewell(), "none");
  EXPECT_EQ(mike.account().sessions().open(), 1u);
  EXPECT_EQ(mike.account().counters().pings_received, pings + 1);
}

TEST_F(SessionTest, AnOfficeBehindNatNeedsNoOpenPort) {
  network.Cut(mike, john);
  Unreachable(john);
  Link(mike, john);
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  ASSERT_THAT(john.AddNumber("201"), IsOk());
  Advance(1s);
  EXPECT_TRUE(mike.Resolve("201")->complete());
  EXPECT_TRUE(john.Resolve("101")->complete());
  EXPECT_THAT(mike.Resolve("201", /*bypass_mirror=*/true), IsOk());
  EXPECT_EQ(mike.Row("John Smith")->indicator(), api::INDICATOR_GREEN);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1s);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

TEST_F(SessionTest, AHalfOpenConnectionIsNoticedWithinThirtySeconds) {
  Link(mike, john);
  Advance(1min);
  network.Cut(mike, john);
  network.Cut(john, mike);
  Advance(30s);
  for (auto* account : {&mike, &john}) {
    EXPECT_EQ(account->Rows()[0].indicator(), api::INDICATOR_AMBER);
    EXPECT_EQ(account->account().sessions().open(), 0u);
    EXPECT_TRUE(account->Rows()[0].has_next_try_time());
  }
  network.Mend(mike, john);
  network.Mend(john, mike);
  Advance(61s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(john.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

TEST_F(SessionTest, AHalfOpenSessionDoesNotBlockANewOne) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer dead(network, john, mike);
  dead.Greet(id, 7, "first instance..");
  Advance(1s);
  EXPECT_EQ(mike.account().sessions().open(), 1u);
  dead.answers_pings = false;
  ScriptedPeer fresh(network, john, mike);
  fresh.Greet(id, 1ull << 32, "second instance.");
  Advance(1s);
  EXPECT_EQ(dead.Farewell(), "");
  EXPECT_EQ(fresh.Farewell(), "none");
  EXPECT_GT(fresh.pongs + static_cast<int>(fresh.received.size()), 1);
}

TEST_F(SessionTest, ALesserEpochOfTheSameDiallerIsRefused) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer later(network, john, mike);
  later.Greet(id, 9);
  Advance(1s);
  ScriptedPeer earlier(network, john, mike);
  earlier.Greet(id, 8);
  Advance(1s);
  EXPECT_EQ(earlier.Farewell(), "REQUEST_INVALID");
  EXPECT_EQ(later.Farewell(), "none");
}

TEST_F(SessionTest,
       OfTwoStreamsAtOnceTheGreaterEpochStaysWhicheverPongIsFirst) {
  const std::string id = LinkAndStopJohn();
  uint64_t epoch = 10;
  for (const bool is_later_first : {false, true}) {
    ScriptedPeer earlier(network, john, mike);
    ScriptedPeer later(network, john, mike);
    earlier.answers_pings = later.answers_pings = false;
    earlier.Greet(id, ++epoch);
    later.Greet(id, ++epoch);
    Advance(100ms);
    ScriptedPeer& first = is_later_first ? later : earlier;
    ScriptedPeer& second = is_later_first ? earlier : later;
    first.AnswerPing(1);
    Advance(100ms);
    second.AnswerPing(1);
    earlier.answers_pings = later.answers_pings = true;
    Advance(5s);
    EXPECT_EQ(later.Farewell(), "none") << is_later_first;
    EXPECT_EQ(earlier.Farewell(), "") << is_later_first;
    EXPECT_EQ(mike.account().sessions().open(), 1u);
    EXPECT_EQ(mike.account().sessions().pending(), 0u);
  }
}

TEST_F(SessionTest, ADaemonThatCrashesOftenIsNoClone) {
  Link(mike, john);
  for (int i = 0; i < 10; ++i) {
    Advance(7s);
    john.Crash();
    john.Start();
  }
  Advance(1min);
  EXPECT_THAT(mike.EventKinds(), Not(Contains("ACCOUNT_CLONED")));
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

TEST_F(SessionTest, AStreamWithoutAHelloIsClosed) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer silent(network, john, mike);
  Advance(6s);
  EXPECT_TRUE(silent.closed);
  ScriptedPeer rude(network, john, mike);
  wire::SessionMessage ping;
  ping.mutable_ping()->set_sequence(1);
  rude.Send(ping);
  Advance(1s);
  EXPECT_EQ(rude.Farewell(), "REQUEST_INVALID");
  Advance(2s);
  EXPECT_EQ(mike.account().sessions().pending(), 0u);
}

TEST_F(SessionTest, ADaemonThatStopsSaysGoodbye) {
  Link(mike, john);
  Advance(5s);
  bool told = false;
  john.account().sessions().EndAll(
      absl::UnavailableError("its daemon is stopping"), [&] { told = true; });
  Advance(100ms);
  EXPECT_TRUE(told);
  EXPECT_EQ(john.account().sessions().pending(), 0u);
  EXPECT_THAT(mike.Rows()[0].last_error().message(),
              ::testing::HasSubstr("is stopping"));
  // A peer that dials again while the daemon stops sees no orphan.
  Advance(10s);
  EXPECT_EQ(mike.Rows()[0].health(), api::INTERLINK_HEALTH_UNREACHABLE);
  EXPECT_EQ(john.account().sessions().pending(), 0u);
}

TEST_F(SessionTest, AStrangerHasNoSession) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer stranger(network, tim, mike);
  stranger.Greet(id);
  Advance(1s);
  EXPECT_EQ(stranger.Farewell(), "LINK_UNKNOWN");
}

TEST_F(SessionTest, AnotherProtocolIsRefusedInWords) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer newer(network, john, mike);
  wire::SessionMessage message;
  message.mutable_hello()->set_interlink_id(
      store::InterlinkId::FromHex(id)->ToBytes());
  message.mutable_hello()->set_protocol_min(2);
  message.mutable_hello()->set_protocol_max(3);
  newer.Send(message);
  Advance(1s);
  EXPECT_EQ(newer.Farewell(), "PROTOCOL_VERSION");
}

TEST_F(SessionTest, ALongInstanceIdIsRefused) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id, 1, std::string(60'000, 'i'));
  Advance(1s);
  EXPECT_EQ(peer.Farewell(), "REQUEST_INVALID");
}

TEST_F(SessionTest, AMessageOfAnUnknownKindIsIgnored) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer newer(network, john, mike);
  newer.Greet(id);
  wire::SessionMessage unknown;
  unknown.GetReflection()->MutableUnknownFields(&unknown)->AddLengthDelimited(
      99, "of a later version");
  newer.Send(unknown);
  newer.Greet(id);  // Once more.
  Advance(1min);
  EXPECT_EQ(newer.Farewell(), "none");
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

TEST_F(SessionTest, APeerThatAnswersNoPingIsNotGreen) {
  const std::string id = LinkAndStopJohn();
  Advance(1min);
  ScriptedPeer mute(network, john, mike);
  mute.answers_pings = false;
  mute.Greet(id);
  Advance(10s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  Advance(30s);
  EXPECT_TRUE(mute.closed || mute.Farewell() != "none");
}

TEST_F(SessionTest, APeerThatTalksTooMuchIsCutOff) {
  const std::string id = LinkAndStopJohn();
  network.latency = {};
  ScriptedPeer loud(network, john, mike);
  loud.Greet(id);
  wire::SessionMessage ping;
  ping.mutable_ping()->set_sequence(1);
  for (int i = 0; i < 10'100; ++i) {
    loud.Send(ping);
    if (i % 1000 == 0) Advance(0s);
  }
  Advance(1s);
  EXPECT_EQ(loud.Farewell(), "RATE_LIMITED");
}

TEST_F(SessionTest, ANewStreamBringsNoNewBudgetOfMessages) {
  const std::string id = LinkAndStopJohn();
  network.latency = {};
  wire::SessionMessage ping;
  ping.mutable_ping()->set_sequence(1);
  int pongs = 0;
  for (uint64_t stream = 1; stream <= 10; ++stream) {
    ScriptedPeer loud(network, john, mike);
    loud.Greet(id, stream);
    for (int i = 0; i < 2'500; ++i) loud.Send(ping);
    Advance(10ms);
    pongs += loud.pongs;
  }
  EXPECT_GT(pongs, 9'000);
  EXPECT_LE(pongs, 11'500);
}

TEST_F(SessionTest, APauseAndItsEndAreToldAtOnce) {
  Link(mike, john);
  Advance(5s);
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  Advance(1s);
  EXPECT_EQ(john.Rows()[0].health(), api::INTERLINK_HEALTH_PAUSED);
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(2s);
  EXPECT_EQ(john.Rows()[0].health(), api::INTERLINK_HEALTH_CONNECTED);
}

TEST_F(SessionTest, ANewAddressIsToldAndTheOldOneThatWorkedIsKept) {
  Link(mike, john);
  Advance(5s);
  john.settings.addresses = {"new.test:7443"};
  john.account().Reload(john.settings);
  Advance(1s);
  EXPECT_THAT(mike.EventKinds(), Contains("ADDRESSES_CHANGED"));
  // John has not moved yet: a session over the old address is still found.
  network.Cut(john, mike);
  network.BreakSessions(mike, john);
  Advance(10s);
  EXPECT_EQ(mike.account().sessions().open(), 1u);
  // Now John has moved, and a restart of Mike's daemon makes no difference.
  mike.Crash();
  mike.Start();
  network.Move(john, "new.test:7443");
  network.BreakSessions(mike, john);
  Advance(1min);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
}

TEST_F(SessionTest, AManualAddressRescuesALinkWhoseSidesBothMoved) {
  Link(mike, john);
  Advance(5s);
  network.Move(mike, "mike.moved:1");
  network.Move(john, "john.moved:1");
  network.BreakSessions(mike, john);
  Advance(10min);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_AMBER);
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = mike.Rows()[0];
  request.mutable_interlink()->set_manual_address("john.moved:1");
  request.mutable_update_mask()->add_paths("manual_address");
  ASSERT_THAT(mike.Update(request), IsOk());
  Advance(1s);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  // John's introduction does not overwrite it.
  Advance(1min);
  EXPECT_EQ(mike.Rows()[0].manual_address(), "john.moved:1");
}

TEST_F(SessionTest, ARenamedAccountIsShownByItsNewName) {
  Link(mike, john);
  Advance(5s);
  john.settings.account_name = "Smith & Sons";
  john.account().Reload(john.settings);
  Advance(1s);
  EXPECT_EQ(mike.Rows()[0].peer_account_name(), "Smith & Sons");
  EXPECT_EQ(mike.Rows()[0].name(), "John Smith");
}

TEST_F(SessionTest, AStartDialsAllLinksWithinFiveSeconds) {
  Link(mike, john);
  Link(mike, tim);
  Advance(5s);
  network.Cut(john, mike);
  network.Cut(tim, mike);
  mike.Crash();
  mike.Start();
  Advance(6s);
  EXPECT_EQ(mike.account().sessions().open(), 2u);
}

}  // namespace
}  // namespace interlink::testing
