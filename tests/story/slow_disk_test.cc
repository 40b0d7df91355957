// A disk that takes its time: nothing is said before it is stored, and nothing
// else waits for it.

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

class SlowDiskTest : public SessionTest {
 protected:
  static void SlowDown(SimulatedAccount& account, federation::Duration sync) {
    account.disk().sync_takes = [sync] { return sync; };
  }
  // John's daemon, for which the test speaks, has issued the key that Mike
  // redeems.
  std::string RedeemAndStopJohn() {
    const std::string key = *john.GenerateKey("Mike");
    john.Crash();
    mike.BeginLink("John", key);
    return mike.Rows()[0].id();
  }
};

TEST_F(SlowDiskTest, ARedeemIsAnsweredOnceTheLinkIsStored) {
  const std::string key = *mike.GenerateKey("John");
  SlowDown(mike, 1s);
  john.BeginLink("Mike", key);
  Advance(900ms);
  EXPECT_EQ(john.Rows()[0].state(), api::INTERLINK_STATE_LINKING);
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_PENDING);
  Advance(1s);
  ExpectAgree(mike, john, 1);
}

TEST_F(SlowDiskTest, OfTwoThatRedeemAKeyAtOnceOneIsLinked) {
  const std::string key = *mike.GenerateKey("Somebody");
  SlowDown(mike, 1s);
  const auto johns = john.BeginLink("Mike", key);
  const auto tims = tim.BeginLink("Mike", key);
  Advance(5s);
  ASSERT_TRUE(johns->has_value() && tims->has_value());
  EXPECT_NE((*johns)->ok(), (*tims)->ok());
  EXPECT_THAT((*johns)->ok() ? **tims : **johns,
              HasReason(Reason::kKeyAlreadyUsed));
}

TEST_F(SlowDiskTest, ATryAgainIsAnsweredAsTheFirstOne) {
  const std::string key = *mike.GenerateKey("John");
  SlowDown(mike, 7s);  // Longer than a call may take.
  john.BeginLink("Mike", key);
  Advance(2min);
  ExpectAgree(mike, john, 1);
  EXPECT_EQ(mike.account().counters().links_made_as_issuer, 1u);
}

TEST_F(SlowDiskTest, PeersAreAnsweredWhileItStores) {
  Link(mike, john);
  Advance(5s);
  SlowDown(mike, 45s);
  api::UpdateInterlinkRequest request;
  *request.mutable_interlink() = mike.Rows()[0];
  request.mutable_interlink()->set_name("renamed");
  request.mutable_update_mask()->add_paths("name");
  bool is_renamed = false;
  UpdateInterlink(mike.account().ledger(), request,
                  [&](const auto&) { is_renamed = true; });
  Advance(40s);
  EXPECT_FALSE(is_renamed);
  EXPECT_EQ(john.Rows()[0].indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(mike.Rows()[0].indicator(), api::INDICATOR_GREEN);
  Advance(10s);
  EXPECT_TRUE(is_renamed);
}

TEST_F(SlowDiskTest, ADeletionIsInForceWhenItIsAnswered) {
  Link(mike, john);
  ASSERT_THAT(mike.AddNumber("101"), IsOk());
  wire::LookupRequest request;
  request.set_number("101");
  request.set_interlink_id(
      store::InterlinkId::FromHex(mike.Rows()[0].id())->ToBytes());
  SlowDown(mike, 1s);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_FALSE(mike.account().lookups().Answer(john.AsCaller(), request));
  EXPECT_THAT(mike.DecideLookup(john.AsCaller(), request),
              HasReason(Reason::kLinkTerminated));
}

TEST_F(SlowDiskTest, AHelloThatMakesTheLinkIsAnsweredOnceThatIsStored) {
  const std::string id = RedeemAndStopJohn();
  SlowDown(mike, 1s);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  wire::SessionMessage ping;
  ping.mutable_ping()->set_sequence(1);
  peer.Send(ping);
  Advance(900ms);
  EXPECT_THAT(peer.received, IsEmpty());
  EXPECT_EQ(peer.pongs, 0);
  Advance(1s);
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  ASSERT_THAT(peer.received, Not(IsEmpty()));
  EXPECT_TRUE(peer.received[0].has_hello());
  EXPECT_EQ(peer.pongs, 1);  // What came early is answered, too.
}

TEST_F(SlowDiskTest, BeforeItsHelloIsAnsweredAPeerIsBounded) {
  const std::string id = RedeemAndStopJohn();
  SlowDown(mike, 1s);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  wire::SessionMessage ping;
  for (int i = 1; i <= 40; ++i) {
    ping.mutable_ping()->set_sequence(static_cast<uint64_t>(i));
    peer.Send(ping);
  }
  Advance(900ms);
  EXPECT_EQ(peer.Farewell(), "RATE_LIMITED");
  // The link stands, and has nothing to do with the stream that is closing.
  Advance(1200ms);
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_NE(mike.Rows()[0].last_error().reason(), "RATE_LIMITED");
  Advance(5s);
  EXPECT_EQ(mike.account().sessions().open(), 0u);
}

// LINK_UNKNOWN would have it show an orphan.
TEST_F(SlowDiskTest, APeerWhoseLinkIsDeletedWhileItGreetsHearsSoInTheEnd) {
  const std::string id = RedeemAndStopJohn();
  SlowDown(mike, 1s);
  mike.account().removals().DeleteInterlink(id, [](const auto&) {});
  Advance(100ms);
  ScriptedPeer early(network, john, mike);
  early.Greet(id);
  Advance(5s);
  ASSERT_TRUE(early.received.back().has_goodbye());
  EXPECT_EQ(early.Farewell(), "");
  ScriptedPeer again(network, john, mike);
  again.Greet(id);
  Advance(5s);
  EXPECT_EQ(again.Farewell(), "LINK_TERMINATED");
}

TEST_F(SlowDiskTest, AnEndOfWhatNobodyKnowsDoesNotWait) {
  Link(mike, john);
  SlowDown(mike, 1min);
  mike.account().removals().DeleteInterlink(mike.Rows()[0].id(),
                                            [](const auto&) {});
  Advance(1s);
  wire::TerminateRequest request;
  request.set_interlink_id(std::string(16, 'x'));
  std::optional<absl::Status> answer;
  mike.account().removals().Terminate(
      john.AsCaller(), request,
      [&answer](const absl::Status& status) { answer = status; });
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, IsOk());
}

TEST_F(SlowDiskTest, APeerThatHangsUpMeanwhileIsForgotten) {
  const std::string id = RedeemAndStopJohn();
  SlowDown(mike, 1s);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(500ms);
  peer.HangUp();
  Advance(5s);
  EXPECT_EQ(mike.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_EQ(mike.account().sessions().open(), 0u);
  EXPECT_EQ(mike.account().sessions().pending(), 0u);
}

TEST_F(SlowDiskTest, AHelloIsNotKeptWaitingForEver) {
  const std::string id = RedeemAndStopJohn();
  SlowDown(mike, 1min);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(6s);
  EXPECT_EQ(mike.account().sessions().pending(), 0u);
  EXPECT_TRUE(peer.closed.has_value());
}

TEST_F(SlowDiskTest, AnIntroductionIsAcknowledgedOnceItIsStored) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(2s);
  const auto acknowledged = [&] {
    return std::any_of(peer.received.begin(), peer.received.end(),
                       [](const auto& message) {
                         return message.has_introduction_stored() &&
                                message.introduction_stored().sequence() == 7;
                       });
  };
  SlowDown(mike, 1s);
  wire::SessionMessage message;
  *message.mutable_introduction() = ScriptedPeer::StockIntroduction();
  message.mutable_introduction()->set_sequence(7);
  message.mutable_introduction()->set_account_name("John, moved");
  peer.Send(message);
  Advance(900ms);
  EXPECT_FALSE(acknowledged());
  Advance(2s);
  EXPECT_TRUE(acknowledged());
  EXPECT_EQ(mike.Rows()[0].peer_account_name(), "John, moved");
}

}  // namespace
}  // namespace interlink::testing
