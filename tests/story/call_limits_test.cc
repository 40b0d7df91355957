// How many calls are let in, and from which moment on none (design.md section
// 16).

#include <atomic>
#include <thread>
#include <vector>

#include "federation/routing/admitted_tokens.h"
#include "tests/story/call_story.h"

namespace interlink::testing {
namespace {

using federation::AdmittedTokens;
using ::testing::AllOf;
using ::testing::HasSubstr;
using CallLimitsTest = CallTest;

TEST_F(CallLimitsTest, ANewLimitCountsFromTheNextCall) {
  const auto admitted = [&] {
    int count = 0;
    for (int i = 0; i < 300; ++i) {
      if (Authorize(john, Dial(mike, "201")).ok()) ++count;
    }
    return count;
  };
  const auto limit = [&](int calls) {
    john.settings.call_limit = calls;
    john.account().Reload(john.settings);
  };
  EXPECT_EQ(admitted(), 200);
  limit(john.settings.call_limit);
  EXPECT_EQ(admitted(), 0) << "a reload of the same limit gives nothing";
  limit(3);
  EXPECT_EQ(admitted(), 30);
  limit(0);
  EXPECT_EQ(admitted(), 300);
}

// A PBX asks about one call several times, as for its name.
TEST_F(CallLimitsTest, WhatIsAskedAboutOneCallIsOneCallInTheMetrics) {
  const std::string user = Dial(mike, "201");
  for (const char* call : {"a", "a", "b", "", "b", "", "a"}) {
    EXPECT_THAT(Authorize(john, user, call), IsOk());
  }
  EXPECT_THAT(Authorize(john, Dial(mike, "201"), "a"), IsOk());
  EXPECT_EQ(john.account().counters().calls_admitted.load(), 5u);
}

// The caller chooses the Call-ID, and could give one to many calls.
TEST_F(CallLimitsTest, ATokenIsLetInEightTimesWhateverCallsAreNamed) {
  for (const char* ids : {"aaaaaaaaa", "aabbccddd", "abcdefghi"}) {
    const std::string user = Dial(mike, "201");
    for (int i = 0; i < 8; ++i) {
      EXPECT_THAT(Authorize(john, user, {ids[i]}), IsOk()) << ids << i;
    }
    for (const std::string& id : {std::string{ids[8]}, std::string()}) {
      EXPECT_THAT(Authorize(john, user, id), HasReason(Reason::kCallTokenUsed));
    }
  }
}

TEST_F(CallLimitsTest, ACallIdOfManyCallsSparesNoneOfThemALimit) {
  john.settings.call_limit = 1;
  john.account().Reload(john.settings);
  Advance(2s);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Authorize(john, Dial(mike, "201"), "call"), IsOk()) << i;
  }
  const std::string next = Dial(mike, "201");
  EXPECT_THAT(Authorize(john, next, "call"), HasReason(Reason::kRateLimited));
  Advance(5s);
  ASSERT_THAT(john.SetPaused("Mike Brown", true), IsOk());
  EXPECT_THAT(Authorize(john, next, "call"),
              HasReason(Reason::kCallTokenInvalid));
}

TEST_F(CallLimitsTest, OnlyWhatWasDialledHasALimit) {
  api::AuthorizeCallRequest request;
  request.set_dialled(Dial(mike, "201"));
  request.set_call_id(std::string(300, 'x'));
  request.set_calling_number(std::string(300, 'x'));
  auto& admission = john.account().call_admission();
  EXPECT_THAT(admission.Authorize(request), IsOk());
  request.set_dialled(std::string(256, '1'));
  EXPECT_THAT(admission.Authorize(request), HasReason(Reason::kRequestInvalid));
}

TEST_F(CallLimitsTest,
       MoreTokensThanAreRememberedAreRefusedUntilTheFirstAreOld) {
  john.settings.call_limit = 0;
  john.account().Reload(john.settings);
  const std::string key = KeyOfMike();
  const auto number = *store::InternalNumber::Parse("201");
  const uint32_t clock = CallToken::Parse(Dial(mike, "201"))->clock();
  const auto token = [&](uint32_t random) {
    return CallToken::Mint(key, LinkId(), number, clock, random).ToText();
  };
  constexpr auto kMost = static_cast<uint32_t>(AdmittedTokens::kMost);
  for (uint32_t i = 0; i < kMost; ++i) {
    ASSERT_THAT(Authorize(john, token(i)), IsOk());
  }
  const absl::Status refused = Authorize(john, token(kMost)).status();
  EXPECT_THAT(refused, HasReason(Reason::kRateLimited));
  EXPECT_TRUE(
      refused.GetPayload(std::string(federation::kRetryInfoUrl)).has_value());
  // A higher --call-limit would not help.
  EXPECT_THAT(
      std::string(refused.message()),
      AllOf(HasSubstr("lower --call-token-life"),
            HasSubstr(std::to_string(kMost)), Not(HasSubstr("--call-limit"))));
  EXPECT_THAT(Authorize(john, token(0)), IsOk()) << "it is remembered";
  // What is refused takes nothing from the calls that are remembered.
  john.settings.call_limit = 1;
  john.account().Reload(john.settings);
  for (uint32_t i = 0; i < 20; ++i) {
    EXPECT_THAT(Authorize(john, token(kMost + i)),
                HasReason(Reason::kRateLimited));
  }
  EXPECT_THAT(Authorize(john, token(1)), IsOk());
  Advance(200s);
  EXPECT_THAT(Authorize(john, Dial(mike, "201")), IsOk());
}

// A token that was forgotten could be used again.
TEST_F(CallLimitsTest, ALongerTokenLifeRevivesNoTokenThatWasUsedUp) {
  const std::string used = Dial(mike, "201");
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Authorize(john, used), IsOk());
  Advance(150s);
  const std::string fresh = Dial(mike, "201");
  EXPECT_THAT(Authorize(john, fresh), IsOk());
  Advance(50s);
  EXPECT_THAT(Authorize(john, fresh), IsOk());
  john.settings.call_token_life = 10min;
  john.account().Reload(john.settings);
  EXPECT_THAT(Authorize(john, used), HasReason(Reason::kCallTokenExpired));
  Advance(200s);
  EXPECT_THAT(Authorize(john, fresh), IsOk()) << "it was never forgotten";
}

// RPC threads ask while the loop removes the link.
TEST_F(CallLimitsTest, NoThreadLetsACallInOnceItsLinkIsDeleted) {
  john.settings.call_limit = 0;
  john.account().Reload(john.settings);
  const std::string key = KeyOfMike();
  const store::InterlinkId id = LinkId();
  const auto number = *store::InternalNumber::Parse("201");
  const uint32_t now = CallToken::Parse(Dial(mike, "201"))->clock();
  const auto token = [&](uint32_t clock, uint32_t random) {
    return CallToken::Mint(key, id, number, clock, random).ToText();
  };
  // From now on refusals wait for the event of the minute, and post no task:
  // virtual time is the main thread's alone.
  Authorize(john, "x").IgnoreError();
  Authorize(john, token(now - 1000, 0)).IgnoreError();
  Advance(1s);
  std::atomic<bool> is_deleted{false};
  std::atomic<bool> stop{false};
  std::atomic<int> asked{0};
  std::atomic<int> admitted{0};
  std::atomic<int> wrongly_admitted{0};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (uint32_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      for (uint32_t random = i; !stop; random += 3) {
        const bool was_deleted = is_deleted;
        if (Authorize(john, token(now, random)).ok()) {
          ++(was_deleted ? wrongly_admitted : admitted);
        }
        ++asked;
      }
    });
  }
  const auto wait = [&] {
    const int seen = asked;
    while (asked < seen + 100) std::this_thread::yield();
  };
  wait();
  EXPECT_THAT(john.Delete("Mike Brown"), IsOk());
  is_deleted = true;
  wait();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(admitted, 0);
  EXPECT_EQ(wrongly_admitted, 0);
}

}  // namespace
}  // namespace interlink::testing
