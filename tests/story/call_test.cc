// A call has to be let in (design.md section 16).

#include <utility>

#include "tests/story/call_story.h"
#include "tests/support/awaited_numbers.h"

namespace interlink::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(CallTest, ARouteLeadsToADestinationOfTheOwner) {
  const std::string user = Dial(mike, "201");
  ASSERT_TRUE(CallToken::Parse(user)) << user;
  const auto admitted = Authorize(john, user);
  ASSERT_THAT(admitted, IsOk());
  EXPECT_EQ(admitted->number(), "201");
  EXPECT_EQ(admitted->destination(), "sip:desk@10.0.0.1");
  EXPECT_EQ(admitted->display_name(), "Internal Number 201");
  EXPECT_EQ(admitted->interlink_name(), "Mike Brown");
  EXPECT_EQ(admitted->interlink_id(), john.Rows()[0].id());
}

TEST_F(CallTest, ARouteEndsNoLaterThanItsToken) {
  john.settings.call_token_life = federation::kMinCallTokenLife;
  john.account().Reload(john.settings);
  network.latency = 4s;  // Half of what a clock may be wrong by.
  Advance(40s);
  const auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  const auto& route = resolution->routes(0);
  const std::string user = route.uri().substr(4, route.uri().find('@') - 4);
  Advance(store::FromTimestamp(route.expire_time()) - time.WallNow());
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, EachRouteHasATokenOfItsOwn) {
  EXPECT_NE(Dial(mike, "201"), Dial(mike, "201"));
}

TEST_F(CallTest, APlainNumberIsNotLetInWhereTokensAreAskedFor) {
  EXPECT_THAT(Authorize(john, "201"), HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, AnOpenAccountTakesNumbersAndTokens) {
  const std::string token = Dial(mike, "201");
  AskForCallTokens(john, false);
  Advance(5s);
  EXPECT_EQ(Dial(mike, "201"), "201");
  const auto plain = Authorize(john, "201");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->destination(), "sip:desk@10.0.0.1");
  EXPECT_EQ(plain->interlink_id(), "");
  EXPECT_THAT(Authorize(john, token), IsOk()) << "it was on its way";
  EXPECT_THAT(Authorize(john, "203"), HasReason(Reason::kNumberNotFound));
  EXPECT_THAT(Authorize(john, "x"), HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, AnOwnerThatChangesItsMindIsHeardOverTheSession) {
  AskForCallTokens(john, false);
  Advance(2s);
  EXPECT_EQ(Dial(mike, "201"), "201");
  AskForCallTokens(john, true);
  Advance(2s);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
}

TEST_F(CallTest, AListSaysThatACallNeedsATokenAndHasNone) {
  const auto listed = [&] { return mike.account().reachable().List({}); };
  ASSERT_THAT(listed(), IsOk());
  EXPECT_TRUE(listed()->numbers(0).needs_token());
  EXPECT_THAT(listed()->numbers(0).uri(), HasSubstr("sip:201@"));
  AskForCallTokens(john, false);
  Advance(2s);
  EXPECT_FALSE(listed()->numbers(0).needs_token());
}

TEST_F(CallTest, TheWantOfTokensIsRememberedOverARestartOfTheCaller) {
  mike.Crash();
  network.Cut(mike, john);
  network.Cut(john, mike);
  mike.Start();
  const auto entry = *mike.database().Get(store::InterlinkKey(LinkId()));
  const auto record = *store::Decode<store::v1::InterlinkRecord>(entry->value);
  EXPECT_TRUE(record.peer().asks_for_call_tokens());
}

TEST_F(CallTest, AnUnlinkIsObeyedByTheNextCall) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(Authorize(john, user), IsOk());
  network.Cut(john, mike);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, AnUnlinkByTheCallerIsObeyedOnceItIsHeard) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(mike.Delete("John Smith"), IsOk());
  Advance(1s);
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, APauseIsObeyedByTheNextCallAndEnds) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
  ASSERT_THAT(john.SetPaused("Mike Brown", false), IsOk());
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, APauseByTheCallerHoldsAlsoOnceItsSessionIsGone) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  Advance(1s);
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
  mike.Crash();
  Advance(1min);
  EXPECT_EQ(john.Rows()[0].health(), api::INTERLINK_HEALTH_UNREACHABLE);
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, APauseByTheCallerHoldsAlsoOnceTheOwnerHasStartedAnew) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(mike.SetPaused("John Smith", true), IsOk());
  Advance(1s);
  network.Cut(mike, john);
  network.Cut(john, mike);
  john.Crash();
  john.Start();
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenInvalid));
  network.Mend(mike, john);
  network.Mend(john, mike);
  Advance(70s);
  EXPECT_EQ(john.Rows()[0].health(), api::INTERLINK_HEALTH_PAUSED);
  ASSERT_THAT(mike.SetPaused("John Smith", false), IsOk());
  Advance(5s);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
  john.Crash();
  john.Start();
  EXPECT_THAT(Authorize(john, user), IsOk()) << "the end of it holds, too";
}

TEST_F(CallTest, ANumberMadePrivateIsObeyedByTheNextCall) {
  const std::string user = Dial(mike, "201");
  ASSERT_THAT(john.SetPrivate("201", true), IsOk());
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kNumberNotFound));
  ASSERT_THAT(john.SetPrivate("201", false), IsOk());
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, ATokenLivesForAsLongAsTheOwnerSays) {
  const std::string user = Dial(mike, "201");
  Advance(178s);
  EXPECT_THAT(Authorize(john, user), IsOk());
  Advance(5s);
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenExpired));
  john.settings.call_token_life = 10min;
  john.account().Reload(john.settings);
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, ATokenOfTheFutureIsAsGoodAsOneOfThePast) {
  const auto number = *store::InternalNumber::Parse("201");
  const auto now = CallToken::Parse(Dial(mike, "201"))->clock();
  const auto at = [&](uint32_t clock) {
    return CallToken::Mint(KeyOfMike(), LinkId(), number, clock, 1).ToText();
  };
  EXPECT_THAT(Authorize(john, at(now + 175)), IsOk());
  EXPECT_THAT(Authorize(john, at(now + 185)),
              HasReason(Reason::kCallTokenExpired));
  EXPECT_THAT(Authorize(john, at(now + 0x8000'0000)),
              HasReason(Reason::kCallTokenExpired));
}

TEST_F(CallTest, ATokenIsGoodForEightAdmissionsAndTheNextOneForMore) {
  const std::string user = Dial(mike, "201");
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Authorize(john, user), IsOk()) << i;
  EXPECT_THAT(Authorize(john, user), HasReason(Reason::kCallTokenUsed));
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
}

TEST_F(CallTest, WhoeverHasNoTokenLearnsNothing) {
  const std::string good = Dial(mike, "201");
  std::string forged = good;
  forged[forged.size() - 2] = forged[forged.size() - 2] == 'a' ? 'b' : 'a';
  const auto unknown =
      CallToken::Mint(KeyOfMike(), store::InterlinkId(),
                      *store::InternalNumber::Parse("201"), 1, 1)
          .ToText();
  const absl::Status no_token = Authorize(john, forged).status();
  EXPECT_THAT(no_token, HasReason(Reason::kCallTokenInvalid));
  EXPECT_THAT(std::string(no_token.message()),
              HasSubstr("checked at the account that is called"));
  EXPECT_EQ(Authorize(john, unknown).status(), no_token);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  EXPECT_EQ(Authorize(john, good).status(), no_token);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  EXPECT_EQ(Authorize(john, good).status(), no_token);
}

TEST_F(CallTest, WhatIsNoTokenIsToldWhatItIs) {
  const std::pair<std::string, std::string> cases[] = {
      {"301", "this is a number and no call token, and this account lets in"},
      {"sip:" + Dial(mike, "201"), "give only what stands between sip: and @"},
      {Dial(mike, "201") + "@pbx", "give only what stands between sip: and @"},
      {"il-201", "this has not the form of a call token"},
      {"", "this has not the form of a call token"}};
  for (const auto& [dialled, sentence] : cases) {
    const absl::Status refused = Authorize(john, dialled).status();
    EXPECT_THAT(refused, HasReason(Reason::kCallTokenInvalid));
    EXPECT_THAT(std::string(refused.message()), HasSubstr(sentence));
  }
}

TEST_F(CallTest, AFloodOfCallsShutsOutItsOwnLinkAlone) {
  Link(tim, john);
  Advance(5s);
  int admitted = 0;
  absl::Status refused;
  for (int i = 0; i < 300; ++i) {
    const auto answer = Authorize(john, Dial(mike, "201"));
    if (answer.ok()) {
      ++admitted;
    } else {
      refused = answer.status();
    }
  }
  EXPECT_EQ(admitted, 200);
  EXPECT_THAT(refused, HasReason(Reason::kRateLimited));
  EXPECT_TRUE(
      refused.GetPayload(std::string(federation::kRetryInfoUrl)).has_value());
  EXPECT_THAT(Authorize(john, Dial(tim, "201")), IsOk());
  Advance(1s);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
}

TEST_F(CallTest, CallsAreLetInWhileNoSessionStands) {
  const std::string user = Dial(mike, "201");
  mike.Crash();
  Advance(1min);
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, ARestartOfTheOwnerKeepsItsTokens) {
  const std::string user = Dial(mike, "201");
  john.Crash();
  john.Start();
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, WithoutASessionTheAnswerToALookupTellsTheTerms) {
  mike.Crash();
  mike.Start();
  const std::string user = Dial(mike, "201");
  EXPECT_EQ(mike.account().sessions().open(), 0u);
  EXPECT_GE(network.calls["Lookup"], 1);
  EXPECT_THAT(Authorize(john, user), IsOk());
}

TEST_F(CallTest, WrongClocksKeepNobodyOut) {
  // Not further apart than certificates may be, and more than a token lives.
  john.SetClockError(-20min);
  mike.SetClockError(30min);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
  john.Crash();
  john.Start();  // Now its call clock is as wrong as its clock.
  Advance(10s);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
  john.SetClockError(5h);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
}

TEST_F(CallTest, RefusalsMakeAnEventAMinuteAtMost) {
  const std::string user = Dial(mike, "201");
  Advance(200s);
  const auto call = [&](const std::string& dialled, int times) {
    for (int i = 0; i < times; ++i) Authorize(john, dialled).IgnoreError();
    Advance(10s);
  };
  call(user, 100);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 100);
  call(user, 50);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 100) << "the minute is not over";
  call("x", 5);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 105) << "of no link";
  Advance(1min);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 155);
  const auto kinds = john.EventKinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "CALL_REFUSED"), 2);
  EXPECT_EQ(john.account().counters().calls_refused_expired.load(), 150u);
  EXPECT_EQ(john.account().counters().calls_refused_invalid.load(), 5u);
  Advance(2min);
  call(user, 1);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 156) << "a quiet minute has passed";
}

TEST_F(CallTest, AnEventOfRefusalsCountsEachReasonByItself) {
  const std::string user = Dial(mike, "201");
  Advance(200s);
  Authorize(john, user).IgnoreError();
  Advance(1s);
  const std::string used = Dial(mike, "201");
  for (int i = 0; i < 11; ++i) Authorize(john, used).IgnoreError();
  for (int i = 0; i < 5; ++i) Authorize(john, user).IgnoreError();
  Advance(1min);
  EXPECT_EQ(CountOf("CALL_REFUSED"), 9);
  const auto events = *john.account().events().List({});
  const auto& latest = events.events(0);
  EXPECT_EQ(latest.kind(), "CALL_REFUSED");
  EXPECT_EQ(latest.count(), 8);
  EXPECT_THAT(latest.message(),
              AllOf(HasSubstr("3 calls: this call token was used"),
                    HasSubstr("5 calls: this call token is")));
}

TEST_F(CallTest, AStoreThatWasPutBackHasANewSecretAndTakesTheFormerForALife) {
  const std::string before = Dial(mike, "201");
  const std::string former = KeyOfMike();
  const std::string backup = *john.BackUp();
  john.Restore(backup);
  EXPECT_NE(KeyOfMike(), former);
  EXPECT_THAT(Authorize(john, before), IsOk());
  Advance(10s);
  const std::string after = Dial(mike, "201");
  EXPECT_TRUE(CallToken::Parse(after)->IsMintedWith(KeyOfMike(), LinkId()));
  EXPECT_THAT(Authorize(john, after), IsOk());
  Advance(171s);
  const auto late =
      CallToken::Mint(former, LinkId(), *store::InternalNumber::Parse("201"),
                      CallToken::Parse(Dial(mike, "201"))->clock(), 1);
  EXPECT_THAT(Authorize(john, late.ToText()),
              HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallTest, AnAccountRestoredAsANewOneHasANewSecret) {
  const auto secrets = [this] {
    const auto entry = *john.database().Get(store::kAccountKey);
    return *store::Decode<store::v1::AccountRecord>(entry->value);
  };
  const std::string former = secrets().call_secret();
  john.Restore(*john.BackUp(), store::RestoreMode::kAsNew);
  EXPECT_EQ(secrets().call_secret().size(), 32u);
  EXPECT_NE(secrets().call_secret(), former);
  EXPECT_NE(secrets().former_call_secret(), former);
}

TEST_F(CallTest, APeerThatAcknowledgesTheSwitchIsNotNamed) {
  AskForCallTokens(mike, true);
  Advance(1min);
  AskForCallTokens(mike, false);
  Advance(5s);
  AskForCallTokens(mike, true);
  Advance(1min);
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
  EXPECT_THAT(mike.EventKinds(), Not(Contains("CALL_TOKENS_MISSING")));
}

TEST_F(CallTest, ANumbersContactHasRoomForATokenWhereTokensAreAskedFor) {
  api::UpdateNumberRequest request;
  request.mutable_number()->set_number("201");
  request.mutable_number()->set_contact("sip:x{number}@johnsmith.test");
  request.mutable_update_mask()->add_paths("contact");
  AwaitedNumbers numbers(time, john.account().numbers());
  EXPECT_THAT(numbers.Update(request), HasReason(Reason::kContactInvalid));
  api::CreateNumberRequest create;
  create.mutable_number()->set_number("203");
  create.mutable_number()->set_contact("sip:{number}x@johnsmith.test");
  EXPECT_THAT(numbers.Create(create), HasReason(Reason::kContactInvalid));
  api::ImportNumbersRequest chunk;
  *chunk.add_entries()->mutable_number() = create.number();
  api::ImportNumbersResponse summary;
  EXPECT_THAT(numbers.Import(chunk, summary), IsOk());
  ASSERT_EQ(summary.refusals_size(), 1);
  EXPECT_EQ(summary.refusals(0).reason(), "CONTACT_INVALID");
  AskForCallTokens(john, false);
  EXPECT_THAT(numbers.Update(request), IsOk());
  AskForCallTokens(john, true);
  request.mutable_number()->set_name("Desk");
  request.mutable_update_mask()->set_paths(0, "name");
  EXPECT_THAT(numbers.Update(request), IsOk()) << "the contact is as it was";
}

// So that the first call over a link is let in as fast as later ones.
TEST_F(CallTest, TheKeyOfALinkIsDerivedWhenTheLinkStands) {
  EXPECT_EQ(john.account().call_secrets().kept(), 1u);
  john.Crash();
  john.Start();
  EXPECT_EQ(john.account().call_secrets().kept(), 1u);
  ASSERT_THAT(john.Delete("Mike Brown"), IsOk());
  EXPECT_EQ(john.account().call_secrets().kept(), 0u);
}

}  // namespace
}  // namespace interlink::testing
