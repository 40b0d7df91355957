// What a peer tells of the calls that it lets in: versions that know no call
// tokens, and peers that tell what cannot be (design.md section 16).

#include "tests/story/call_story.h"
#include "tests/support/scripted_peer.h"

namespace interlink::testing {
namespace {

// What a peer may tell of its terms, with John's identity.
class CallTermsTest : public CallTest {
 protected:
  CallTermsTest() { john.Crash(); }

  void Greet(const federation::v1::CallTerms& terms) {
    peer_ = std::make_unique<ScriptedPeer>(network, john, mike);
    *peer_->introduction.mutable_call_terms() = terms;
    peer_->knows_call_tokens = knows_tokens_;
    peer_->Greet(LinkId().ToHex(), ++epoch_);
    Advance(1s);
    federation::v1::SessionMessage message;
    auto& part = *message.mutable_directory_part();
    part.set_begins_snapshot(true);
    part.add_entries()->set_number("201");
    federation::DirectoryPosition position{.sequence = 1};
    position.digest += federation::EntryDigest("201", "", "");
    position.count = 1;
    *part.mutable_directory() = federation::ToProto(position);
    peer_->directory = part.directory();
    peer_->Send(message);
    Advance(12s);
    ASSERT_TRUE(mike.account().mirrors().IsInStep(LinkId()));
  }
  // The sequence of the last introduction that came.
  uint64_t LastIntroduction() const {
    uint64_t last = 0;
    for (const auto& message : peer_->received) {
      if (message.has_introduction()) last = message.introduction().sequence();
    }
    return last;
  }
  std::vector<std::string> Kinds() const { return mike.EventKinds(); }
  static federation::v1::CallTerms Terms() {
    federation::v1::CallTerms terms;
    terms.set_admission(federation::v1::CALL_ADMISSION_TOKEN);
    terms.set_key(std::string(32, 'k'));
    terms.set_clock_milliseconds(1'764'180'000'000);
    return terms;
  }

  std::unique_ptr<ScriptedPeer> peer_;
  bool knows_tokens_ = false;
  uint64_t epoch_ = 1000ull << 32;
};

TEST_F(CallTermsTest, APeerThatKnowsNoTokensIsDialledByItsNumber) {
  Greet({});
  EXPECT_EQ(Dial(mike, "201"), "201");
}

TEST_F(CallTermsTest, WithoutAKeyOrAClockThereIsNoRouteAndNobodySaysNo) {
  auto terms = Terms();
  terms.clear_key();
  Greet(terms);
  EXPECT_THAT(mike.Resolve("201"), HasReason(Reason::kLookupIncomplete));
  EXPECT_THAT(mike.Resolve("202"), HasReason(Reason::kNumberNotFound));
}

TEST_F(CallTermsTest, AnotherAccountsRouteIsGivenOutMeanwhile) {
  Link(tim, mike);
  EXPECT_THAT(tim.AddNumber("201"), IsOk());
  auto terms = Terms();
  terms.set_key("short");
  Greet(terms);
  const auto resolution = mike.Resolve("201");
  ASSERT_THAT(resolution, IsOk());
  EXPECT_FALSE(resolution->complete());
  ASSERT_EQ(resolution->routes_size(), 1);
  EXPECT_EQ(resolution->routes(0).interlink_name(), "Tim Andrews");
}

TEST_F(CallTermsTest, AnAdmissionOfALaterVersionNeedsAToken) {
  auto terms = Terms();
  terms.set_admission(static_cast<federation::v1::CallAdmission>(9));
  Greet(terms);
  EXPECT_TRUE(CallToken::Parse(Dial(mike, "201")));
}

TEST_F(CallTermsTest, AContactWithOtherTextLeadsNowhereWithTokens) {
  auto terms = Terms();
  Greet(terms);
  EXPECT_TRUE(CallToken::Parse(Dial(mike, "201")));
  federation::v1::SessionMessage message;
  auto& introduction = *message.mutable_introduction();
  introduction.set_sequence(2);
  introduction.set_contact("sip:x{number}@johnsmith.test");
  *introduction.mutable_call_terms() = terms;
  peer_->Send(message);
  Advance(2s);
  EXPECT_EQ(Dial(mike, "201"), "");
}

TEST_F(CallTermsTest, APeerThatKnowsNoTokensIsNamedWhereTheyAreAskedFor) {
  Greet({});
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
  AskForCallTokens(mike, true);
  Advance(12s);
  const auto row = mike.Rows()[0];
  EXPECT_EQ(row.indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(row.last_error().reason(), "PROTOCOL_VERSION");
  Advance(1min);
  const auto kinds = Kinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "CALL_TOKENS_MISSING"), 1);
  AskForCallTokens(mike, false);
  Advance(12s);
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
}

TEST_F(CallTermsTest, APeerThatDoesNotAcknowledgeTheSwitchIsNamed) {
  knows_tokens_ = true;
  Greet(Terms());
  AskForCallTokens(mike, true);
  Advance(30s);
  EXPECT_EQ(mike.Rows()[0].last_error().reason(), "STORE_UNAVAILABLE");
  EXPECT_THAT(Kinds(), Contains("CALL_TOKENS_MISSING"));
  federation::v1::SessionMessage stored;
  stored.mutable_introduction_stored()->set_sequence(LastIntroduction());
  peer_->Send(stored);
  Advance(12s);
  EXPECT_FALSE(mike.Rows()[0].has_last_error());
}

}  // namespace
}  // namespace interlink::testing
