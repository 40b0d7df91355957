// Both accounts generate a key and enter the other's: one link is left, the
// same on both sides (design.md section 6, point 7).

#include "federation/identity/proof.h"
#include "federation/linking/authorization_key.h"
#include "federation/linking/removals.h"
#include "tests/story/two_accounts.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

class CrossRedeemTest : public AccountsTest {
 protected:
  // Each account enters the other's key. Afterwards there is exactly one link,
  // whatever `fault` did in between.
  void CrossRedeem(const std::function<void()>& fault) {
    auto of_mike = mike.GenerateKey("John, by my key");
    auto of_john = john.GenerateKey("Mike, by my key");
    ASSERT_THAT(of_mike, IsOk());
    ASSERT_THAT(of_john, IsOk());
    auto first = mike.BeginLink("John, entered", *of_john);
    auto second = john.BeginLink("Mike, entered", *of_mike);
    fault();
    Advance(10min);
    ExpectAgree(mike, john, 1);
    EXPECT_EQ(mike.Rows()[0].health(), api::INTERLINK_HEALTH_CONNECTED);
    EXPECT_EQ(john.Rows()[0].health(), api::INTERLINK_HEALTH_CONNECTED);
    // The name that was entered last, with the other's key, is kept.
    EXPECT_THAT(mike.Names(), ElementsAre("John, entered"));
    EXPECT_THAT(john.Names(), ElementsAre("Mike, entered"));
    ASSERT_TRUE(first->has_value());
    ASSERT_TRUE(second->has_value());
    // LinkAccount answers with the row as it will be listed.
    ASSERT_THAT(**first, IsOk());
    ASSERT_THAT(**second, IsOk());
    EXPECT_EQ((**first)->name(), "John, entered");
    EXPECT_EQ((**second)->name(), "Mike, entered");
  }
};

TEST_F(CrossRedeemTest, WhenBothAreUnderWayAtOnce) {
  CrossRedeem([] {});
}

TEST_F(CrossRedeemTest, WhenOneIsHeldUp) {
  network.Hold("Redeem", 1);
  CrossRedeem([&] {
    Advance(2s);
    network.Release();
  });
}

TEST_F(CrossRedeemTest, WhenOneIsOutOfReach) {
  network.Hide(john);
  CrossRedeem([] {});
}

TEST_F(CrossRedeemTest, WhenOneIsOutOfReachAndTheOtherRestarts) {
  network.Hide(john);
  network.Hold("Session", 99);
  auto of_mike = mike.GenerateKey("John, by my key");
  auto of_john = john.GenerateKey("Mike, by my key");
  mike.BeginLink("John, entered", *of_john);
  john.BeginLink("Mike, entered", *of_mike);
  Advance(1min);
  ASSERT_THAT(mike.Rows(), SizeIs(2));
  mike.Crash();
  mike.Start();
  network.Release();
  Advance(10min);
  ExpectAgree(mike, john, 1);
  EXPECT_THAT(mike.Names(), ElementsAre("John, entered"));
  EXPECT_THAT(john.Names(), ElementsAre("Mike, entered"));
}

// An older daemon would take it for the end of the link that is to be kept.
TEST_F(CrossRedeemTest, OnlyAPeerThatKnowsMergesIsAskedForOne) {
  network.Hide(john);
  network.Hold("Session", 99);
  mike.BeginLink("John, entered", *john.GenerateKey("Mike, by my key"));
  john.BeginLink("Mike, entered", *mike.GenerateKey("John, by my key"));
  Advance(10s);
  ASSERT_THAT(mike.Rows(), SizeIs(2));
  john.Crash();
  network.Release();
  // The test speaks for John, over the link that stands.
  const std::string id = mike.Row("John, by my key")->id();
  const auto is_asked = [&](const std::string& feature, uint64_t epoch) {
    ScriptedPeer peer(network, john, mike);
    auto hello = ScriptedPeer::Hello(id, epoch);
    hello.mutable_hello()->add_features(feature);
    peer.Send(hello);
    Advance(2min);
    return std::any_of(
        peer.received.begin(), peer.received.end(), [](const auto& message) {
          return !message.terminate().request().kept_interlink_id().empty();
        });
  };
  EXPECT_FALSE(is_asked("call-token", 1ull << 40));
  EXPECT_TRUE(is_asked("merge", 2ull << 40));
}

// The issuer has made the link of its key, has given up the other for it, and
// its answer was lost.
class LostAnswerTest : public CrossRedeemTest {
 protected:
  // `issuer` is out of reach from when it has made the link of its own key, on
  // which the other account has no answer.
  void LoseTheAnswer(SimulatedAccount& issuer, SimulatedAccount& other) {
    auto of_issuer = issuer.GenerateKey("by my key");
    auto of_other = other.GenerateKey("by my key");
    network.Hold("Redeem", 1);
    other.BeginLink("entered", *of_issuer);
    ASSERT_THAT(issuer.Link("entered", *of_other), IsOk());
    network.LoseAnswers("Redeem", 1);
    network.on_answer = [&](const std::string& method,
                            SimulatedAccount& callee) {
      if (method != "Redeem" || &callee != &issuer) return;
      network.Hide(issuer);
      issuer.Crash();  // Nor does a session say that its link is over.
    };
    network.Release();
    Advance(5s);
    network.on_answer = nullptr;
    ASSERT_FALSE(issuer.is_running());
  }
  void LoseTheAnswerAndTheWay(SimulatedAccount& issuer,
                              SimulatedAccount& other) {
    LoseTheAnswer(issuer, other);
    issuer.Start();
    Advance(1h);
    ExpectAgree(issuer, other, 1);
    EXPECT_EQ(other.Rows()[0].indicator(), api::INDICATOR_GREEN);
    EXPECT_THAT(other.Names(), ElementsAre("entered"));
  }
};

TEST_F(LostAnswerTest, TheIssuersCallSaysWhichLinkItHasGivenUp) {
  LoseTheAnswerAndTheWay(john, mike);
}

TEST_F(LostAnswerTest, AlsoWithTheIdsTheOtherWayRound) {
  LoseTheAnswerAndTheWay(mike, john);
}

// Nobody speaks of the link that was given up any more, unless the end of the
// other one does.
TEST_F(LostAnswerTest, ADeletionBeforeTheIssuersCallEndsBothLinks) {
  LoseTheAnswer(john, mike);
  ASSERT_THAT(mike.Delete("entered"), IsOk());
  john.Start();
  Advance(1h);
  ExpectAgree(john, mike, 0);
}

TEST_F(LostAnswerTest, ADeletionByTheIssuerEndsBothLinks) {
  LoseTheAnswer(john, mike);
  mike.Crash();
  john.Start();
  ASSERT_THAT(john.Rows(), SizeIs(1));
  ASSERT_THAT(john.Delete(john.Rows()[0].name()), IsOk());
  mike.Start();
  Advance(1h);
  ExpectAgree(john, mike, 0);
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

TEST_F(LostAnswerTest, ADeletionThatTheNextTryCarriesIsApplied) {
  network.Hold("Session", 99);
  network.Hold("Terminate", 99);
  network.LoseAnswers("Redeem", 2);  // Of each side's first try.
  network.on_answer = [&](const std::string& method, SimulatedAccount& callee) {
    if (method == "Redeem" && &callee == &john) network.Hide(john);
  };
  auto of_john = john.GenerateKey("Mike, by my key");
  john.BeginLink("Mike, entered", *mike.GenerateKey("John, by my key"));
  mike.BeginLink("John, entered", *of_john);
  Advance(1s);
  network.on_answer = nullptr;
  ASSERT_THAT(john.Delete("Mike, by my key"), IsOk());
  // The next try finds the link made by the one before.
  Advance(20s);
  EXPECT_THAT(john.Names(), ElementsAre("Mike, entered"));
  EXPECT_EQ(john.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_THAT(mike.Names(), ElementsAre("John, by my key"));
  EXPECT_EQ(john.account().outbox().undelivered(), 0u);
}

TEST_F(CrossRedeemTest, AMergeThatIsRefusedTellsOfNoDeletion) {
  Link(mike, john);
  Advance(5s);
  network.Cut(mike, john);
  network.Cut(john, mike);
  const auto id = *store::InterlinkId::FromHex(mike.Rows()[0].id());
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  federation::v1::TerminateRequest request;
  request.set_interlink_id(id.ToBytes());
  request.set_redeem_id(std::string(16, 'r'));
  request.set_kept_interlink_id(std::string(16, 'k'));
  EXPECT_THAT(mike.TerminateOverSession(
                  id, request, federation::Removals::Confirmation::kAnswer),
              HasReason(Reason::kLinkTerminated));
  EXPECT_EQ(mike.account().outbox().undelivered(), 1u);
}

TEST_F(CrossRedeemTest, AnAttemptIsGivenUpOnlyForALinkOfTheSameAccount) {
  Link(mike, john);
  Link(mike, tim);
  Advance(5s);
  const auto key =
      *federation::AuthorizationKey::Parse(*mike.GenerateKey("unused"));
  const auto redeem_id = *store::RedeemId::FromBytes(std::string(16, 'r'));
  const auto id_of = [](const std::string& hex) {
    return *store::InterlinkId::FromHex(hex);
  };
  federation::v1::TerminateRequest request;
  request.set_interlink_id(key.interlink_id.ToBytes());
  request.set_redeem_id(redeem_id.ToBytes());
  request.set_proof(federation::CancelProof(federation::ProofKey(key.secret),
                                            key.proof_context(), redeem_id));
  const auto john_asks = [&](store::InterlinkId kept) {
    request.set_kept_interlink_id(kept.ToBytes());
    return mike.TerminateOverSession(
        id_of(john.Rows()[0].id()), request,
        federation::Removals::Confirmation::kAnswer);
  };
  EXPECT_THAT(john_asks(store::InterlinkId()),
              HasReason(Reason::kLinkTerminated));
  EXPECT_THAT(john_asks(id_of(tim.Rows()[0].id())),
              HasReason(Reason::kLinkTerminated));
  EXPECT_EQ(mike.Row("unused")->state(), api::INTERLINK_STATE_PENDING);
  const std::string proof = request.proof();
  request.set_proof(std::string(32, 'x'));
  EXPECT_THAT(john_asks(id_of(john.Rows()[0].id())), IsOk());
  EXPECT_EQ(mike.Row("unused")->state(), api::INTERLINK_STATE_PENDING);
  request.set_proof(proof);
  EXPECT_THAT(john_asks(id_of(john.Rows()[0].id())), IsOk());
  EXPECT_FALSE(mike.Row("unused"));
  // A Redeem that comes later is told that the attempt is over, another one
  // that the key is.
  federation::v1::RedeemBody body;
  body.set_account_id(john.identity().account_id().ToBytes());
  body.set_root_certificate(john.identity().root().ToDer());
  body.set_protocol_min(1);
  body.set_protocol_max(1);
  const auto redeem = [&](char attempt) {
    body.set_redeem_id(std::string(16, attempt));
    federation::v1::RedeemRequest late;
    late.set_interlink_id(key.interlink_id.ToBytes());
    late.set_body(body.SerializeAsString());
    late.set_proof(federation::RedeemProof(federation::ProofKey(key.secret),
                                           key.proof_context(), late.body()));
    return mike.Redeem(john.AsCaller(), late).status();
  };
  EXPECT_THAT(redeem('r'), HasReason(Reason::kLinkTerminated));
  EXPECT_THAT(redeem('s'), HasReason(Reason::kKeyRevoked));
}

TEST_F(CrossRedeemTest, TheLinkThatStandsHasTheSettingsOfTheOther) {
  network.Hold("Redeem", 2);
  CrossRedeem([&] {
    ASSERT_THAT(mike.SetPriority("John, entered", 10), IsOk());
    ASSERT_THAT(john.SetPriority("Mike, entered", 20), IsOk());
    network.Release();
  });
  EXPECT_EQ(mike.Rows()[0].priority(), 10);
  EXPECT_EQ(john.Rows()[0].priority(), 20);
}

TEST_F(CrossRedeemTest, ItHasThemAlsoIfTheOtherWasNeverAnswered) {
  network.LoseAnswers("Redeem", 2);
  CrossRedeem([&] {
    ASSERT_THAT(mike.SetPriority("John, entered", 10), IsOk());
    ASSERT_THAT(john.SetPriority("Mike, entered", 20), IsOk());
  });
  EXPECT_EQ(mike.Rows()[0].priority(), 10);
  EXPECT_EQ(john.Rows()[0].priority(), 20);
}

TEST_F(CrossRedeemTest, WhenOneAnswerIsLost) {
  network.LoseAnswers("Redeem", 1);
  CrossRedeem([] {});
}

TEST_F(CrossRedeemTest, WhenBothAnswersAreLost) {
  network.LoseAnswers("Redeem", 2);
  CrossRedeem([] {});
}

TEST_F(CrossRedeemTest, ALinkThatIsBeingMadeIsNeverRed) {
  network.LoseAnswers("Redeem", 2);
  CrossRedeem([&] {
    for (int i = 0; i < 300; ++i) {
      Advance(100ms);
      for (const SimulatedAccount* account : {&mike, &john}) {
        for (const auto& row : account->Rows()) {
          ASSERT_NE(row.indicator(), api::INDICATOR_RED)
              << account->name() << ": " << row.last_error().message();
        }
      }
    }
  });
}

TEST_F(CrossRedeemTest, WhenManyAnswersAreLost) {
  network.LoseAnswers("Redeem", 9);
  CrossRedeem([] {});
}

TEST_F(CrossRedeemTest, WhenOnlyOneSideCanBeReachedForAWhile) {
  network.Cut(mike, john);
  CrossRedeem([&] {
    Advance(14s);
    network.Mend(mike, john);
  });
}

TEST_F(CrossRedeemTest, InEveryOrderOfTheTwoIdentities) {
  // The smaller account id decides, so both orders have to be seen.
  SimulatedAccount a(time, network, "A");
  SimulatedAccount b(time, network, "B");
  SimulatedAccount c(time, network, "C");
  SimulatedAccount d(time, network, "D");
  std::vector<SimulatedAccount*> all = {&a, &b, &c, &d};
  for (SimulatedAccount* x : all) {
    for (SimulatedAccount* y : all) {
      if (x->name() >= y->name()) continue;
      auto of_x = x->GenerateKey(y->name() + " by key");
      auto of_y = y->GenerateKey(x->name() + " by key");
      network.LoseAnswers("Redeem", 1);
      auto first = x->BeginLink(y->name(), *of_y);
      auto second = y->BeginLink(x->name(), *of_x);
      Advance(5min);
      ASSERT_TRUE(x->Row(y->name()));
      ASSERT_TRUE(y->Row(x->name()));
      EXPECT_EQ(x->Row(y->name())->id(), y->Row(x->name())->id());
      EXPECT_FALSE(x->Row(y->name() + " by key"));
      EXPECT_FALSE(y->Row(x->name() + " by key"));
    }
  }
}

// Or a peer could get round the pause and the limit of the link that stands.
TEST_F(CrossRedeemTest, NothingIsAnsweredOverALinkThatIsBeingMadeBesideOne) {
  ASSERT_THAT(mike.AddNumber("201"), IsOk());
  auto of_mike = mike.GenerateKey("John, by my key");
  auto of_john = john.GenerateKey("Mike, by my key");
  const auto id = *store::InterlinkId::FromHex(john.Rows()[0].id());
  network.Hold("Redeem", 1);
  mike.BeginLink("John, entered", *of_john);
  ASSERT_THAT(john.Link("Mike, entered", *of_mike), IsOk());
  ASSERT_THAT(mike.SetPaused("John, by my key", true), IsOk());
  // To John this link replaces the other, and Mike does not hear of it.
  network.LoseAnswers("Redeem", 1);
  network.Cut(john, mike);
  network.Release();
  Advance(100ms);
  ASSERT_EQ(mike.Row("John, entered")->state(), api::INTERLINK_STATE_LINKING);
  ASSERT_EQ(mike.Row("John, by my key")->state(),
            api::INTERLINK_STATE_ESTABLISHED);
  for (const char* number : {"201", "202", ""}) {
    federation::v1::LookupRequest request;
    request.set_interlink_id(id.ToBytes());
    request.set_number(number);
    EXPECT_THAT(mike.DecideLookup(john.AsCaller(), request),
                HasReason(Reason::kPeerUnreachable));
  }
  EXPECT_EQ(mike.Row("John, entered")->state(), api::INTERLINK_STATE_LINKING);
  network.Mend(john, mike);
  Advance(10min);
  ExpectAgree(mike, john, 1);
}

TEST_F(CrossRedeemTest, DeletingTheIdThatWasMergedDeletesTheLink) {
  std::vector<std::string> ids;
  auto of_mike = mike.GenerateKey("a");
  auto of_john = john.GenerateKey("b");
  ids.push_back(mike.Rows()[0].id());
  ids.push_back(john.Rows()[0].id());
  mike.BeginLink("John", *of_john);
  john.BeginLink("Mike", *of_mike);
  Advance(1min);
  ExpectAgree(mike, john, 1);
  const std::string merged = mike.Rows()[0].id() == ids[0] ? ids[1] : ids[0];
  ASSERT_THAT(mike.DeleteById(merged), IsOk());
  Advance(1min);
  ExpectAgree(mike, john, 0);
}

}  // namespace
}  // namespace interlink::testing
