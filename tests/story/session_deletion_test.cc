// A deletion while the link has a session, and what a session tells of one
// (design.md section 8).

#include "tests/story/session_story.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

TEST_F(SessionTest, APeerThatIsSlowCanStillConfirmADeletion) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(1s);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(4s);
  const wire::SessionMessage asked = peer.received.back();
  ASSERT_TRUE(asked.has_terminate()) << peer.Farewell();
  wire::SessionMessage answer;
  answer.mutable_terminate_answer()->set_call(asked.terminate().call());
  peer.Send(answer);
  Advance(100ms);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_EQ(peer.Farewell(), "LINK_TERMINATED");
}

// A pong says that the link stands, and the peer gives out its mirror for it.
TEST_F(SessionTest, ALinkThatIsDeletedAnswersNoPing) {
  const std::string id = LinkAndStopJohn();
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(1s);
  wire::SessionMessage ping;
  ping.mutable_ping()->set_sequence(1);
  peer.Send(ping);
  Advance(1s);
  EXPECT_EQ(peer.pongs, 1);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  peer.Send(ping);
  Advance(1s);
  EXPECT_EQ(peer.pongs, 1);
  EXPECT_EQ(peer.Farewell(), "none");  // It is still heard.
}

TEST_F(SessionTest, ADeletionReachesAPeerBehindNatWhenItDials) {
  network.Cut(mike, john);
  Unreachable(john);
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1h);
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
  john.Start();
  Advance(6s);
  ExpectAgree(mike, john, 0);
}

TEST_F(SessionTest, AnOldDeletionIsToldOverANewLinksSession) {
  network.Cut(mike, john);
  Unreachable(john);
  Link(mike, john);
  Advance(5s);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  auto key = mike.GenerateKey("John anew");
  john.Start();
  Advance(10s);  // John hears that the old link is over.
  ASSERT_THAT(john.Link("Mike anew", *key), IsOk());
  Advance(5s);
  ExpectAgree(mike, john, 1);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

}  // namespace
}  // namespace interlink::testing
