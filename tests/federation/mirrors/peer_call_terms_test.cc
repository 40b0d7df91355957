#include "federation/mirrors/peer_call_terms.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/support/virtual_time.h"

namespace interlink::federation {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

constexpr uint64_t kSecond = 1000;
constexpr uint64_t kClock = 1'764'180'000 * kSecond;

class PeerCallTermsTest : public ::testing::Test {
 protected:
  PeerCallTermsTest() { terms_.AddLink(id_); }

  static v1::CallTerms Told(uint64_t clock,
                            const std::string& key = std::string(32, 'k')) {
    v1::CallTerms terms;
    terms.set_key(key);
    terms.set_clock_milliseconds(clock);
    return terms;
  }
  // Seconds since kClock.
  int64_t Clock() const {
    return int64_t{terms_.Of(id_).value().clock} -
           static_cast<int64_t>(kClock / kSecond);
  }

  testing::VirtualTime time_;
  testing::VirtualLoop loop_{time_};
  PeerCallTerms terms_{loop_};
  const store::InterlinkId id_ =
      *store::InterlinkId::FromBytes(std::string(16, 'i'));
};

TEST_F(PeerCallTermsTest, ThePeersClockRunsOnWithTheOwnTimeSinceBoot) {
  terms_.Heard(id_, Told(kClock), std::nullopt);
  EXPECT_EQ(terms_.Of(id_)->key, std::string(32, 'k'));
  EXPECT_EQ(Clock(), 0);
  time_.Advance(90s);
  time_.JumpWallClock(5h);  // Somebody sets the own clock.
  EXPECT_EQ(Clock(), 90);
}

TEST_F(PeerCallTermsTest, AnAnswerIsOfTheMiddleOfItsRoundTrip) {
  terms_.Heard(id_, Told(kClock), 8s);
  EXPECT_EQ(Clock(), 4);
  terms_.HeardClock(id_, kClock + 100 * kSecond, 2s);
  EXPECT_EQ(Clock(), 101);
}

TEST_F(PeerCallTermsTest, AMessageThatCameLateMakesTheClockNoWorse) {
  terms_.Heard(id_, Told(kClock), 0s);
  terms_.Heard(id_, Told(kClock - 20 * kSecond), std::nullopt);
  EXPECT_EQ(Clock(), 0);
  terms_.Heard(id_, Told(kClock + 5 * kSecond), std::nullopt);
  EXPECT_EQ(Clock(), 5);
}

TEST_F(PeerCallTermsTest, TheClockOfAnotherStartReplacesThatBefore) {
  terms_.Heard(id_, Told(kClock), 0s);
  terms_.Heard(id_, Told(kClock - 3600 * kSecond), std::nullopt);
  EXPECT_EQ(Clock(), -3600);
}

TEST_F(PeerCallTermsTest, WithoutKeyOrClockThereAreNone) {
  EXPECT_FALSE(terms_.Of(id_));
  terms_.Heard(id_, Told(kClock, ""), std::nullopt);
  EXPECT_FALSE(terms_.Of(id_));
  terms_.Heard(id_, Told(0), std::nullopt);
  EXPECT_TRUE(terms_.Of(id_)) << "the clock from before, and the key";
}

TEST_F(PeerCallTermsTest, AKeyOfAnotherLengthIsNone) {
  for (const size_t size : {0u, 1u, 31u, 33u, 60'000u}) {
    terms_.Heard(id_, Told(kClock, std::string(size, 'k')), std::nullopt);
    EXPECT_FALSE(terms_.Of(id_)) << size;
  }
}

TEST_F(PeerCallTermsTest, AnAbsurdClockIsNone) {
  constexpr uint64_t kEnd = uint64_t{1} << 32;
  for (const uint64_t clock : {uint64_t{0}, kEnd * kSecond, kEnd * kEnd / 2,
                               std::numeric_limits<uint64_t>::max()}) {
    terms_.Heard(id_, Told(clock), std::nullopt);
    terms_.HeardClock(id_, clock, 1s);
    EXPECT_FALSE(terms_.Of(id_)) << clock;
  }
}

TEST_F(PeerCallTermsTest, OfALinkThatIsGoneNothingIsKept) {
  terms_.Heard(id_, Told(kClock), std::nullopt);
  terms_.RemoveLink(id_);
  EXPECT_FALSE(terms_.Of(id_));
  terms_.Heard(id_, Told(kClock), 1s);
  terms_.HeardClock(id_, kClock, 1s);
  EXPECT_FALSE(terms_.Of(id_));
}

TEST(AsksForTokensTest, AKindOfAdmissionOfALaterVersionNeedsATokenToo) {
  v1::CallTerms terms;
  EXPECT_FALSE(AsksForTokens(terms));
  terms.set_admission(v1::CALL_ADMISSION_OPEN);
  EXPECT_FALSE(AsksForTokens(terms));
  terms.set_admission(v1::CALL_ADMISSION_TOKEN);
  EXPECT_TRUE(AsksForTokens(terms));
  terms.set_admission(static_cast<v1::CallAdmission>(7));
  EXPECT_TRUE(AsksForTokens(terms));
}

}  // namespace
}  // namespace interlink::federation
