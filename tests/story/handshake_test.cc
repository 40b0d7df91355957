// Linking, when something goes wrong in between (design.md sections 5 and 6).

#include "tests/story/two_accounts.h"

namespace interlink::testing {
namespace {

using HandshakeTest = AccountsTest;

TEST_F(HandshakeTest, ALostAnswerIsGivenAgain) {
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 1);
  network.Cut(mike, john);  // Mike's own call must not settle it.
  auto row = john.Link("Mike", *key, 5s);
  ASSERT_THAT(row, IsOk());
  EXPECT_EQ(row->state(), api::INTERLINK_STATE_LINKING);
  Advance(1min);
  network.Mend(mike, john);
  ExpectAgree(mike, john, 1);
  EXPECT_EQ(john.Row("Mike")->peer_account_name(), "Mike Brown");
}

TEST_F(HandshakeTest, ALostAnswerIsGivenAgainAfterTheKeyHasExpired) {
  auto key = mike.GenerateKey("John", 5min);
  network.LoseAnswers("Redeem", 1000);
  // Mike's own call must not settle it.
  network.Cut(mike, john);
  ASSERT_THAT(john.Link("Mike", *key, 5s), IsOk());
  Advance(1h);
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_LINKING);
  network.LoseAnswers("Redeem", 0);
  network.Mend(mike, john);
  Advance(20min);
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, AnAnswerToRedeemIsNotStoredOverALaterIntroduction) {
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 8);
  john.BeginLink("Mike", *key, 1s);
  Advance(2s);
  ASSERT_EQ(john.Rows()[0].state(), api::INTERLINK_STATE_ESTABLISHED);
  mike.settings.account_name = "Brown and Sons";
  mike.account().Reload(mike.settings);
  Advance(10min);  // Mike repeats his first answer.
  EXPECT_EQ(john.Rows()[0].peer_account_name(), "Brown and Sons");
}

TEST_F(HandshakeTest, TheIssuersCallIsTheAnswer) {
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 1000);
  network.Cut(mike, john);
  ASSERT_THAT(john.Link("Mike", *key, 5s), IsOk());
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_LINKING);
  network.Mend(mike, john);
  Advance(1min);  // Mike opens a session, and says in it who he is.
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_EQ(john.Row("Mike")->peer_account_name(), "Mike Brown");
  EXPECT_THAT(john.EventKinds(), Not(Contains("CONTACT_HOST_CHANGED")));
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, TheContactOfTheIssuersCallStands) {
  auto key = mike.GenerateKey("John");
  ASSERT_THAT(mike.AddNumber("201"), IsOk());
  network.LoseAnswers("Redeem", 1);
  network.Cut(mike, john);
  ASSERT_THAT(john.Link("Mike", *key, 5s), IsOk());
  mike.settings.contact = "sip:{number}@moved.test";
  mike.account().Reload(mike.settings);
  network.LoseAnswers("Redeem", 8);
  network.Mend(mike, john);
  Advance(1min);
  ASSERT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_ESTABLISHED);
  Advance(10min);  // Mike repeats his first answer.
  EXPECT_EQ(john.Resolve("201")->routes(0).uri(), "sip:201@moved.test");
  EXPECT_THAT(john.EventKinds(), Not(Contains("CONTACT_HOST_CHANGED")));
}

// It called, and nobody can call it to ask who it is.
TEST_F(HandshakeTest, ALinkIsWellThoughItsIssuerCannotBeAsked) {
  auto key = mike.GenerateKey("John");
  network.LoseAnswers("Redeem", 1);
  network.on_answer = [&](const std::string& method, SimulatedAccount&) {
    if (method == "Redeem") network.Hide(mike);
  };
  john.BeginLink("Mike", *key);
  Advance(1min);
  ASSERT_EQ(john.Row("Mike")->indicator(), api::INDICATOR_GREEN);
  const int before = network.calls["Redeem"];
  for (int i = 0; i < 1200; ++i) {
    Advance(100ms);
    ASSERT_FALSE(john.Row("Mike")->has_last_error())
        << john.Row("Mike")->last_error().message();
  }
  EXPECT_GT(network.calls["Redeem"], before);
}

TEST_F(HandshakeTest, TheRedeemerGoesOnAfterACrash) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  ASSERT_THAT(john.Link("Mike", *key, 2s), IsOk());
  john.Crash();
  john.Start();
  Advance(30s);
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_LINKING);
  EXPECT_EQ(john.Row("Mike")->last_error().reason(), "PEER_UNREACHABLE");
  mike.Start();
  Advance(2min);
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, AnAttemptWithAnExpiredKeyIsRepeatedEveryQuarterOfAnHour) {
  auto key = mike.GenerateKey("John", 5min);
  mike.Crash();
  ASSERT_THAT(john.Link("Mike", *key, 2s), IsOk());
  Advance(10min);
  const int before = network.calls["Redeem"];
  Advance(24h);
  // Every 15 minutes at most, once the key is past its time.
  EXPECT_GE(network.calls["Redeem"] - before, 24 * 4 - 5);
  EXPECT_LE(network.calls["Redeem"] - before, 24 * 8 + 5);
}

// A crash of either side at any message of the handshake ends in both linked.
TEST_F(HandshakeTest, ACrashAtAnyMessageEndsInBothLinked) {
  for (const bool before_handling : {true, false}) {
    for (const bool issuer_crashes : {true, false}) {
      auto key = mike.GenerateKey("John");
      ASSERT_THAT(key, IsOk());
      bool has_crashed = false;
      auto crash = [&](const std::string& method, SimulatedAccount&) {
        if (method != "Redeem" || has_crashed) return;
        has_crashed = true;
        SimulatedAccount& victim = issuer_crashes ? mike : john;
        victim.Crash();
        victim.Start();
      };
      (before_handling ? network.on_arrival : network.on_answer) = crash;
      john.BeginLink("Mike", *key);
      Advance(2min);
      EXPECT_TRUE(has_crashed);
      ExpectAgree(mike, john, 1);
      network.on_arrival = network.on_answer = nullptr;
      ASSERT_THAT(mike.Delete("John"), IsOk());
      Advance(1min);
      ExpectAgree(mike, john, 0);
    }
  }
}

TEST_F(HandshakeTest, OfTwoRedeemersAtOnceExactlyOneWins) {
  auto key = mike.GenerateKey("Whoever");
  auto first = john.BeginLink("Mike", *key);
  auto second = tim.BeginLink("Mike", *key);
  Advance(1min);
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_NE((*first)->ok(), (*second)->ok());
  EXPECT_EQ(john.Rows().size() + tim.Rows().size(), 1u);
  ASSERT_THAT(mike.Rows(), SizeIs(1));
}

TEST_F(HandshakeTest, OwnKeyIsRefusedWithoutTraffic) {
  auto key = mike.GenerateKey("Me");
  EXPECT_THAT(mike.Link("Myself", *key), HasReason(Reason::kSelfLink));
  EXPECT_EQ(network.calls["Redeem"], 0);
  EXPECT_THAT(mike.Names(), ElementsAre("Me"));
}

TEST_F(HandshakeTest, ADamagedKeyIsRefusedWithoutTrafficAndLeavesNoRow) {
  auto key = mike.GenerateKey("John");
  EXPECT_THAT(john.Link("Mike", key->substr(0, key->size() - 3)),
              HasReason(Reason::kKeyDamaged));
  EXPECT_THAT(john.Rows(), IsEmpty());
  EXPECT_EQ(network.calls["Redeem"], 0);
}

TEST_F(HandshakeTest, AnAccountThatIsLinkedAlreadyIsRefusedAndTheKeyIsKept) {
  Link(mike, john);
  auto key = mike.GenerateKey("Second");
  EXPECT_THAT(john.Link("Again", *key), HasReason(Reason::kAlreadyLinked));
  EXPECT_THAT(john.Names(), ElementsAre("Mike Brown"));
  EXPECT_THAT(tim.Link("Mike", *key), IsOk());
}

TEST_F(HandshakeTest, ANameThatIsTakenIsRefused) {
  Link(mike, john);
  auto key = tim.GenerateKey("John");
  EXPECT_THAT(john.Link("Mike Brown", *key), HasReason(Reason::kNameTaken));
  EXPECT_THAT(john.GenerateKey("Mike Brown"), HasReason(Reason::kNameTaken));
  EXPECT_THAT(john.Rows(), SizeIs(1));
}

TEST_F(HandshakeTest, TheSameNameAndKeyAgainWaitsForTheSameAttempt) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  auto first = john.BeginLink("Mike", *key);
  Advance(3s);
  auto second = john.BeginLink("Mike", *key);
  mike.Start();
  Advance(1min);
  ASSERT_TRUE(first->has_value() && second->has_value());
  ASSERT_THAT(**first, IsOk());
  ASSERT_THAT(**second, IsOk());
  EXPECT_EQ((**first)->id(), (**second)->id());
  EXPECT_THAT(john.Link("Mike", *key), IsOk());  // And once it is linked.
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, AnExpiredKeyIsRefusedAndItsRowFails) {
  auto key = mike.GenerateKey("John", 5min);
  Advance(6min);
  EXPECT_EQ(mike.Row("John")->state(), api::INTERLINK_STATE_FAILED);
  EXPECT_EQ(mike.Row("John")->last_error().reason(), "KEY_EXPIRED");
  EXPECT_EQ(mike.Row("John")->indicator(), api::INDICATOR_RED);
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kKeyExpired));
  EXPECT_THAT(john.Rows(), IsEmpty());
}

TEST_F(HandshakeTest, AKeyThatWasRefusedAsExpiredStaysRefused) {
  auto key = mike.GenerateKey("John", 5min);
  mike.SetClockError(30min);
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kKeyExpired));
  mike.SetClockError(0min);
  // John has given up, and an earlier try of his may still be on its way.
  EXPECT_THAT(john.Link("Mike", *key), HasReason(Reason::kKeyExpired));
  EXPECT_EQ(mike.Row("John")->last_error().reason(), "KEY_EXPIRED");
}

TEST_F(HandshakeTest, OnlyTheIssuersClockDecidesExpiry) {
  auto key = mike.GenerateKey("John", 5min);
  john.SetClockError(30min);  // By John's clock the key is past its time.
  EXPECT_THAT(john.Link("Mike", *key), IsOk());
}

TEST_F(HandshakeTest, AKeyWithoutEndLasts) {
  auto key = mike.GenerateKey("John", 0s);
  Advance(24h * 365);
  EXPECT_THAT(john.Link("Mike", *key), IsOk());
}

TEST_F(HandshakeTest, AKeysLifeHasLimits) {
  EXPECT_THAT(mike.GenerateKey("John", 299s),
              HasReason(Reason::kRequestInvalid));
  EXPECT_THAT(mike.GenerateKey("John", 24h * 90 + 1s),
              HasReason(Reason::kRequestInvalid));
  EXPECT_THAT(mike.GenerateKey("John", 24h * 90), IsOk());
}

TEST_F(HandshakeTest, ARefusalWithoutAWaitingCallerLeavesAFailedRow) {
  auto key = mike.GenerateKey("John");
  mike.Crash();
  ASSERT_THAT(john.Link("Mike", *key, 1s), IsOk());
  mike.Start();
  ASSERT_THAT(mike.Delete("John"), IsOk());
  Advance(2min);
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_FAILED);
  EXPECT_EQ(john.Row("Mike")->last_error().reason(), "KEY_REVOKED");
  // A new key under the same name takes its place.
  auto fresh = mike.GenerateKey("John");
  EXPECT_THAT(john.Link("Mike", *fresh), IsOk());
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, GuessedKeysAreSlowedAndHonestOnesAreNot) {
  auto key = mike.GenerateKey("John");
  auto guess = federation::AuthorizationKey::Parse(*key);
  ASSERT_THAT(guess, IsOk());
  guess->secret[0] ^= 1;
  for (int i = 0; i < mike.settings.redeem_limit; ++i) {
    EXPECT_THAT(tim.Link("Mike", guess->ToText()),
                HasReason(Reason::kInvalidKey));
  }
  auto blocked = tim.Link("Mike", guess->ToText(), 1s);
  ASSERT_THAT(blocked, IsOk());
  EXPECT_EQ(blocked->last_error().reason(), "RATE_LIMITED");
  EXPECT_THAT(john.Link("Mike", *key), IsOk());
}

TEST_F(HandshakeTest, GuessesDoNotHoldUpARedeemerWithAGoodKey) {
  auto key = mike.GenerateKey("John");
  federation::v1::RedeemRequest guess;
  guess.set_interlink_id(std::string(16, 'x'));
  guess.set_proof(std::string(32, 'x'));
  const auto guess_from = [&](const std::string& source) {
    auto caller = tim.AsCaller();
    caller.source = source;
    return mike.Redeem(caller, guess).status();
  };
  // From everywhere, and from the very address of the honest redeemer.
  for (int i = 0; i < 60; ++i) {
    EXPECT_THAT(guess_from("host" + std::to_string(i) + ":1"), Not(IsOk()));
    EXPECT_THAT(guess_from(john.AsCaller().source), Not(IsOk()));
  }
  const absl::Status refused = guess_from("fresh:1");
  EXPECT_THAT(refused, HasReason(Reason::kRateLimited));
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("from many networks"));
  EXPECT_THAT(john.Link("Mike", *key, 1s), IsOk());
  EXPECT_EQ(john.Row("Mike")->state(), api::INTERLINK_STATE_ESTABLISHED);
}

TEST_F(HandshakeTest, AnUnknownKeyAndAWrongSecretAreTheSameRefusal) {
  auto key = mike.GenerateKey("John");
  auto wrong_secret = federation::AuthorizationKey::Parse(*key);
  wrong_secret->secret[5] ^= 1;
  auto unknown_id = federation::AuthorizationKey::Parse(*key);
  unknown_id->interlink_id = {};
  auto first = john.Link("Mike", wrong_secret->ToText());
  auto second = john.Link("Mike", unknown_id->ToText());
  EXPECT_EQ(first.status(), second.status());
  EXPECT_THAT(first, HasReason(Reason::kInvalidKey));
}

TEST_F(HandshakeTest, AnotherDaemonAtTheKeysAddressIsSentNothing) {
  auto key = mike.GenerateKey("John");
  auto parsed = federation::AuthorizationKey::Parse(*key);
  parsed->addresses = {tim.address(), mike.address()};
  ASSERT_THAT(john.Link("Mike", parsed->ToText()), IsOk());
  EXPECT_EQ(tim.account().counters().redeems_refused, 0u);
  ExpectAgree(mike, john, 1);
}

TEST_F(HandshakeTest, ADaemonWithoutAddressCannotIssueButCanRedeem) {
  john.settings.addresses.clear();
  john.account().Reload(john.settings);
  EXPECT_THAT(john.GenerateKey("Mike"), HasReason(Reason::kNoAddress));
  Link(mike, john);
  ExpectAgree(mike, john, 1);
  Advance(1min);
  // John calls; that counts as an answer on Mike's side.
  EXPECT_EQ(mike.Row("John Smith")->health(), api::INTERLINK_HEALTH_CONNECTED);
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1min);
  EXPECT_THAT(john.Rows(), IsEmpty());  // He was told when he called.
}

TEST_F(HandshakeTest, GeneratingDoesNotInvalidateOtherKeys) {
  auto first = mike.GenerateKey("John");
  auto second = mike.GenerateKey("Tim");
  EXPECT_THAT(john.Link("Mike", *first), IsOk());
  EXPECT_THAT(tim.Link("Mike", *second), IsOk());
}

TEST_F(HandshakeTest, ASecretIsOnDiskOnlyWhileItIsNeeded) {
  auto key = mike.GenerateKey("John");
  const std::string secret = federation::AuthorizationKey::Parse(*key)->secret;
  const auto holds = [](SimulatedAccount& account, const std::string& text) {
    const auto entries = account.database().Scan("");
    for (const auto& entry : *entries) {
      if (entry.value.find(text) != std::string::npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(holds(mike, *key));
  ASSERT_THAT(john.Link("Mike", *key), IsOk());
  EXPECT_FALSE(holds(mike, *key));
  EXPECT_FALSE(holds(mike, secret));
  EXPECT_FALSE(holds(john, secret));
}

}  // namespace
}  // namespace interlink::testing
