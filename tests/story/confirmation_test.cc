// How the deleter of a link learns that its peer has heard of it (design.md
// section 10).

#include "federation/identity/proof.h"
#include "federation/linking/authorization_key.h"
#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

using ConfirmationTest = AccountsTest;

// Mike cannot call John, so John calls Mike to confirm.
TEST_F(ConfirmationTest,
       APeerBehindANatConfirmsADeletionThatItHearsOfByAnAnswer) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  Link(mike, john);
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1h);
  network.LoseAnswers("Terminate", 1);
  john.Start();
  Advance(2min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Contains("REMOVAL_DELIVERED"));
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
  EXPECT_THAT(john.EventKinds(), Not(Contains("REMOVAL_DELIVERED")));
}

TEST_F(ConfirmationTest,
       APeerBehindANatConfirmsADeletionThatItsOlderCopyHearsOf) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  auto key = mike.GenerateKey("John Smith");
  const std::string copy = john.Snapshot();
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  john.PutBack(copy, SimulatedAccount::GenerationFile::kKept);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kLinkTerminated));
  Advance(2min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Not(Contains("KEY_REUSE_REFUSED")));
}

TEST_F(ConfirmationTest, APeerBehindANatConfirmsAgainIfItsAnswerIsLost) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  Link(mike, john);
  Advance(5s);
  ASSERT_EQ(mike.account().sessions().open(), 1u);
  network.on_answer = [&](const std::string&, SimulatedAccount& callee) {
    // John has just deleted the link, and his answer is on its way.
    if (&callee == &john && john.Rows().empty()) {
      network.BreakSessions(mike, john);
    }
  };
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(2min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
  EXPECT_THAT(mike.EventKinds(), Contains("REMOVAL_DELIVERED"));
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

// John is behind a NAT and confirms once. If Mike answered OK without having
// stored it, Mike would keep a deletion that he can never deliver.
TEST_F(ConfirmationTest, AConfirmationIsAnsweredOkOnlyOnceItIsStored) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  for (const char* method : {"Terminate", "Session"}) {
    Link(mike, john);
    Advance(5s);
    const bool is_called = std::string_view(method) == "Terminate";
    if (is_called) john.Crash();
    network.on_arrival = [&](const std::string& arrived,
                             SimulatedAccount& callee) {
      // John has deleted the link, and now his confirmation reaches Mike.
      if (arrived != method || &callee != &mike || !john.Rows().empty()) return;
      network.on_arrival = nullptr;
      mike.disk().FailNextSync(CrashEnv::Failure::kNothingSynced);
    };
    ASSERT_THAT(mike.Delete("John Smith"), IsOk());
    if (is_called) john.Start();
    time.AdvanceUntil([&] { return mike.disk().has_failed(); }, 1min);
    ASSERT_TRUE(mike.disk().has_failed()) << method;
    Advance(100ms);
    mike.Crash();
    mike.Start();
    Advance(2min);
    ExpectAgree(mike, john, 0);
    EXPECT_EQ(mike.account().outbox().undelivered(), 0u) << method;
  }
}

TEST_F(ConfirmationTest, APeerThatAlsoDeletesConfirmsTheDeletion) {
  network.Hide(john);
  Link(mike, john);
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  john.Crash();
  Advance(1s);
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(1s);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  wire::SessionMessage terminate;
  terminate.mutable_terminate()->mutable_request()->set_interlink_id(
      store::InterlinkId::FromHex(id)->ToBytes());
  peer.Send(terminate);  // Mike's own Terminate is not answered.
  Advance(1s);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

TEST_F(ConfirmationTest, ARedeemerBehindANatConfirmsThatItsLinkHasEnded) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 1);
  john.BeginLink("Mike", *key, 1s);
  Advance(1s);
  john.Crash();
  ASSERT_THAT(mike.Delete("John"), IsOk());
  john.Start();
  Advance(2min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(mike.account().outbox().undelivered(), 0u);
}

// Nobody can call John, so his own call has to get through.
TEST_F(ConfirmationTest, ADeletionByAPeerWithAWrongClockIsNotLost) {
  network.Hide(john);
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  Link(mike, john);
  mike.Crash();
  john.SetClockError(3h);
  john.Crash();
  john.Start();
  mike.Start();
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  Advance(5min);
  EXPECT_THAT(mike.Rows(), SizeIs(1));
  EXPECT_EQ(john.account().outbox().undelivered(), 1u);
  john.SetClockError({});
  Advance(20min);
  ExpectAgree(mike, john, 0);
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

TEST_F(ConfirmationTest, NobodyElseCanConfirmADeletion) {
  Link(mike, john);
  const std::string id = mike.Rows()[0].id();
  john.Crash();
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  wire::TerminateRequest request;
  request.set_interlink_id(store::InterlinkId::FromHex(id)->ToBytes());
  EXPECT_THAT(mike.Terminate(tim.AsCaller(), request), IsOk());
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
}

TEST_F(ConfirmationTest, ACancelCountsOverTheSessionOfADeletedLink) {
  Link(mike, john);
  Advance(5s);
  const std::string id = mike.Rows()[0].id();
  john.Crash();
  Advance(1s);
  const auto key =
      federation::AuthorizationKey::Parse(*mike.GenerateKey("another"));
  ASSERT_THAT(key, IsOk());
  ScriptedPeer peer(network, john, mike);
  peer.Greet(id);
  Advance(1s);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  const auto attempt = *store::RedeemId::FromBytes(std::string(16, 'r'));
  wire::SessionMessage cancel;
  auto& request = *cancel.mutable_terminate()->mutable_request();
  request.set_interlink_id(key->interlink_id.ToBytes());
  request.set_redeem_id(attempt.ToBytes());
  request.set_proof(federation::CancelProof(federation::ProofKey(key->secret),
                                            key->proof_context(), attempt));
  peer.Send(cancel);
  Advance(100ms);
  EXPECT_TRUE(std::any_of(peer.received.begin(), peer.received.end(),
                          [](const auto& message) {
                            return message.has_terminate_answer() &&
                                   message.terminate_answer().reason().empty();
                          }));
  EXPECT_THAT(mike.EventKinds(), Contains("ATTEMPT_CANCELLED"));
}

}  // namespace
}  // namespace interlink::testing
