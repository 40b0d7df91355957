#include "federation/identity/peer_verification.h"

#include <gtest/gtest.h>

#include "federation/identity/certificate.h"
#include "tests/federation/identity/test_time.h"
#include "tests/federation/reason_matcher.h"
#include "tests/support/certificate_forge.h"

// Every attack of design.md section 4 on the one function that decides who a
// peer is.
namespace interlink::federation {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using ::testing::AllOf;
using testing::ForgedCertificate;
using testing::ForgeOptions;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Refuses;
using testing::ToAsn1;

class VerifyPeerTest : public ::testing::Test {
 protected:
  static store::AccountId Account(char fill) {
    return *store::AccountId::FromHex(std::string(32, fill));
  }
  static ForgedCertificate Root(const std::string& name) {
    return ForgedCertificate::SelfSigned(ForgeOptions::Authority(name));
  }

  // Presents the chain as the peer of the link, on `side`.
  absl::StatusOr<WallTime> Verify(const std::string& leaf,
                                  const std::string& chain,
                                  TlsSide side = TlsSide::kClient,
                                  WallTime now = kNow) const {
    return VerifyPeer(linked_, {leaf, chain}, side, now);
  }
  absl::StatusOr<WallTime> VerifyFirstContact(const std::string& leaf,
                                              const std::string& chain) const {
    return VerifyPeer(first_contact_, {leaf, chain}, TlsSide::kServer, kNow);
  }

  const store::AccountId id_ = Account('a');
  const ForgedCertificate root_ = Root("victim");
  const ForgedCertificate leaf_ = root_.Issue(ForgeOptions::LeafOf(id_));
  const ForgedCertificate attacker_ = Root("attacker");
  // Like the victim's root, but the attacker has its key.
  const ForgedCertificate namesake_ = Root("victim");
  const PeerPin linked_{id_, {root_.der()}, {}};
  const PeerPin first_contact_{id_, {}, root_.certificate().SpkiSha256()};
};

TEST_F(VerifyPeerTest, TheAccountsOwnChainIsTaken) {
  for (TlsSide side : {TlsSide::kClient, TlsSide::kServer}) {
    EXPECT_THAT(Verify(leaf_.pem(), root_.pem(), side), IsOk());
    EXPECT_THAT(Verify(leaf_.pem(), leaf_.pem() + root_.pem(), side), IsOk());
  }
}

// After a TLS resumption gRPC shows the leaf alone.
TEST_F(VerifyPeerTest, AnEmptyChainIsEnoughWhereTheRootIsStored) {
  EXPECT_THAT(Verify(leaf_.pem(), ""), IsOk());
}

TEST_F(VerifyPeerTest, AnEmptyChainIsNotEnoughAtFirstContact) {
  EXPECT_THAT(VerifyFirstContact(leaf_.pem(), ""),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, FirstContactTakesTheRootThatTheKeyNames) {
  EXPECT_THAT(VerifyFirstContact(leaf_.pem(), root_.pem()), IsOk());
}

TEST_F(VerifyPeerTest, FirstContactRefusesEveryOtherRoot) {
  const auto theirs = attacker_.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(VerifyFirstContact(theirs.pem(), attacker_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
  // With the victim's root appended, too.
  EXPECT_THAT(VerifyFirstContact(theirs.pem(), attacker_.pem() + root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
  EXPECT_THAT(VerifyFirstContact(theirs.pem(), root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, FirstContactRefusesTheRightKeyUnderAnothersSignature) {
  const Certificate forged = attacker_.SignAgain(root_.certificate());
  ASSERT_EQ(forged.SpkiSha256(), root_.certificate().SpkiSha256());
  const auto theirs = attacker_.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(VerifyFirstContact(theirs.pem(), forged.ToPem()),
              Refuses(Reason::kPeerIdentityMismatch));
  EXPECT_THAT(VerifyFirstContact(leaf_.pem(), forged.ToPem()),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, FirstContactRefusesALeafInPlaceOfTheRoot) {
  const auto lone = ForgedCertificate::SelfSigned(ForgeOptions::LeafOf(id_));
  const PeerPin pin{id_, {}, lone.certificate().SpkiSha256()};
  EXPECT_THAT(VerifyPeer(pin, {lone.pem(), lone.pem()}, TlsSide::kServer, kNow),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, OnceARootIsStoredTheKeysHashAdmitsNobody) {
  const PeerPin pin{id_, {root_.der()}, attacker_.certificate().SpkiSha256()};
  const auto theirs = attacker_.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(
      VerifyPeer(pin, {theirs.pem(), attacker_.pem()}, TlsSide::kClient, kNow),
      Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, APinWithoutRootAndHashAdmitsNobody) {
  EXPECT_THAT(VerifyPeer({id_, {}, {}}, {leaf_.pem(), root_.pem()},
                         TlsSide::kClient, kNow),
              Refuses(Reason::kPeerIdentityMismatch));
}

// Anybody can show any certificate, and to read one takes long.
TEST_F(VerifyPeerTest, OfAnotherAccountOnlyTheLeafIsRead) {
  const auto theirs = attacker_.Issue(ForgeOptions::LeafOf(Account('b')));
  EXPECT_THAT(Verify(theirs.pem(), "no certificate").status().message(),
              HasSubstr("it names another account"));
  EXPECT_THAT(Verify(leaf_.pem(), "-----BEGIN CERTIFICATE-----\nx\n")
                  .status()
                  .message(),
              HasSubstr("there is none that can be read"));
}

TEST_F(VerifyPeerTest, AStrangersChainWithTheVictimsRootAppendedIsRefused) {
  for (const ForgedCertificate& root : {attacker_, namesake_}) {
    const auto theirs = root.Issue(ForgeOptions::LeafOf(id_));
    EXPECT_THAT(Verify(theirs.pem(), root.pem() + root_.pem()),
                Refuses(Reason::kPeerIdentityMismatch));
    EXPECT_THAT(Verify(theirs.pem(), root_.pem() + root.pem()),
                Refuses(Reason::kPeerIdentityMismatch));
    EXPECT_THAT(Verify(theirs.pem(), ""),
                Refuses(Reason::kPeerIdentityMismatch));
  }
}

TEST_F(VerifyPeerTest, ALeafThatSignsALeafIsRefused) {
  const auto theirs = leaf_.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(Verify(theirs.pem(), leaf_.pem() + root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
  EXPECT_THAT(VerifyFirstContact(theirs.pem(), leaf_.pem() + root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, ASiblingUnderTheSameCaIsRefused) {
  const auto sibling = root_.Issue(ForgeOptions::LeafOf(Account('b')));
  EXPECT_THAT(Verify(sibling.pem(), root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, ALeafThatNamesTwoAccountsOrNoneIsRefused) {
  ForgeOptions two = ForgeOptions::LeafOf(id_);
  two.sans.push_back("URI:interlink://account/" + Account('b').ToHex());
  ForgeOptions none = ForgeOptions::LeafOf(id_);
  none.sans.erase(none.sans.begin());
  for (const ForgeOptions& options : {two, none}) {
    EXPECT_THAT(Verify(root_.Issue(options).pem(), root_.pem()),
                Refuses(Reason::kPeerIdentityMismatch));
  }
}

// Careful makers of certificates do this.
TEST_F(VerifyPeerTest, OtherUrisAndAMissingAuthorityKeyIdentifierDoNotMatter) {
  ForgeOptions spiffe = ForgeOptions::LeafOf(id_);
  spiffe.sans.push_back("URI:spiffe://example.net/pbx");
  ForgeOptions bare = ForgeOptions::LeafOf(id_);
  bare.authority_key_id = "";
  for (const ForgeOptions& options : {spiffe, bare}) {
    const auto leaf = root_.Issue(options);
    EXPECT_THAT(Verify(leaf.pem(), root_.pem()), IsOk());
    EXPECT_THAT(VerifyFirstContact(leaf.pem(), root_.pem()), IsOk());
    // Signed by another root of the same name, it is refused.
    const auto forged = namesake_.Issue(options);
    EXPECT_THAT(Verify(forged.pem(), namesake_.pem()),
                Refuses(Reason::kPeerIdentityMismatch));
  }
}

TEST_F(VerifyPeerTest, ACertificateThatMaySignIsNoLeaf) {
  ForgeOptions options = ForgeOptions::LeafOf(id_);
  options.basic_constraints = "critical,CA:TRUE";
  options.key_usage = "critical,digitalSignature,keyCertSign";
  EXPECT_THAT(Verify(root_.Issue(options).pem(), root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
  // The root itself, naming the account.
  options.extended_key_usage = "";
  const auto root = ForgedCertificate::SelfSigned(options);
  EXPECT_THAT(VerifyPeer({id_, {root.der()}, {}}, {root.pem(), ""},
                         TlsSide::kClient, kNow),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, TheUsageHasToFitTheSide) {
  ForgeOptions options = ForgeOptions::LeafOf(id_);
  options.extended_key_usage = "serverAuth";
  const auto server = root_.Issue(options);
  EXPECT_THAT(Verify(server.pem(), "", TlsSide::kServer), IsOk());
  EXPECT_THAT(Verify(server.pem(), "", TlsSide::kClient),
              Refuses(Reason::kPeerIdentityMismatch));
  options.extended_key_usage = "clientAuth";
  const auto client = root_.Issue(options);
  EXPECT_THAT(Verify(client.pem(), "", TlsSide::kClient), IsOk());
  EXPECT_THAT(Verify(client.pem(), "", TlsSide::kServer),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, MoreThanFourCertificatesAreRefused) {
  std::string chain;
  for (int i = 0; i < 4; ++i) chain += root_.pem();
  EXPECT_THAT(Verify(leaf_.pem(), chain), IsOk());
  EXPECT_THAT(Verify(leaf_.pem(), chain + root_.pem()),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, AnUnreadableCertificateIsRefused) {
  for (const std::string& bad :
       {std::string(), std::string("garbage"), leaf_.pem().substr(0, 200),
        leaf_.pem() + root_.pem(), std::string(1 << 20, 'A')}) {
    EXPECT_THAT(Verify(bad, ""), Refuses(Reason::kPeerIdentityMismatch));
  }
  EXPECT_THAT(Verify(leaf_.pem(), "garbage"),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, AnAuthorityBetweenRootAndLeafIsTakenIfPresented) {
  const auto between = root_.Issue(ForgeOptions::Authority("between"));
  const auto leaf = between.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(Verify(leaf.pem(), between.pem()), IsOk());
  EXPECT_THAT(Verify(leaf.pem(), ""), Refuses(Reason::kPeerIdentityMismatch));
  // The authority is not self-signed, so it is no trust anchor by itself.
  EXPECT_THAT(VerifyPeer({id_, {between.der()}, {}}, {leaf.pem(), ""},
                         TlsSide::kClient, kNow),
              Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(VerifyPeerTest, EachOfTwoStoredRootsIsTaken) {
  const PeerPin both{id_, {attacker_.der(), root_.der()}, {}};
  EXPECT_THAT(VerifyPeer(both, {leaf_.pem(), ""}, TlsSide::kClient, kNow),
              IsOk());
}

class DatesTest : public VerifyPeerTest {
 protected:
  absl::StatusOr<WallTime> VerifyAt(WallTime now) const {
    return Verify(dated_.pem(), root_.pem(), TlsSide::kClient, now);
  }
  static ForgeOptions Dated(store::AccountId id) {
    ForgeOptions options = ForgeOptions::LeafOf(id);
    options.not_before = ToAsn1(kNow);
    options.not_after = ToAsn1(kNow + 24h);
    return options;
  }
  const ForgedCertificate dated_ = root_.Issue(Dated(id_));
};

TEST_F(DatesTest, ClocksMayDifferByFiveMinutes) {
  EXPECT_THAT(VerifyAt(kNow - 5min), IsOk());
  EXPECT_THAT(VerifyAt(kNow), IsOk());
  EXPECT_THAT(VerifyAt(kNow + 24h + 5min), IsOk());
}

TEST_F(DatesTest, TheResultHoldsUntilTheLeewayEnds) {
  auto until = VerifyAt(kNow);
  ASSERT_THAT(until, IsOk());
  EXPECT_EQ(*until, kNow + 24h + 5min);
}

TEST_F(DatesTest, ARefusalSaysByHowMuchTheClocksDiffer) {
  EXPECT_THAT(VerifyAt(kNow - 5min - 1s),
              Refuses(Reason::kNotPermitted, AllOf(HasSubstr("not valid yet"),
                                                   HasSubstr("5 minutes"))));
  EXPECT_THAT(VerifyAt(kNow - 3h),
              Refuses(Reason::kNotPermitted, HasSubstr("at least 3 hours")));
  EXPECT_THAT(VerifyAt(kNow + 24h + 6min),
              Refuses(Reason::kNotPermitted,
                      AllOf(HasSubstr("expired"), HasSubstr("6 minutes"))));
  EXPECT_THAT(VerifyAt(kNow + 24h * 31),
              Refuses(Reason::kNotPermitted, HasSubstr("30 days")));
}

// The identity is checked before the dates: a stranger learns nothing of
// clocks.
TEST_F(DatesTest, AnExpiredStrangerIsAStranger) {
  const auto theirs = attacker_.Issue(Dated(id_));
  EXPECT_THAT(
      Verify(theirs.pem(), attacker_.pem(), TlsSide::kClient, kNow + 24h * 31),
      Refuses(Reason::kPeerIdentityMismatch));
}

TEST_F(DatesTest, AnExpiredRootIsRefusedToo) {
  ForgeOptions options = ForgeOptions::Authority("old");
  options.not_after = ToAsn1(kNow - 1h);
  const auto root = ForgedCertificate::SelfSigned(options);
  const auto leaf = root.Issue(ForgeOptions::LeafOf(id_));
  EXPECT_THAT(VerifyPeer({id_, {root.der()}, {}}, {leaf.pem(), ""},
                         TlsSide::kClient, kNow),
              Refuses(Reason::kNotPermitted, HasSubstr("60 minutes")));
}

TEST_F(DatesTest, DatesBeyondEveryClockDoNotOverflow) {
  ForgeOptions ancient = ForgeOptions::LeafOf(id_);
  ancient.not_before = "00010101000000Z";
  EXPECT_THAT(Verify(root_.Issue(ancient).pem(), ""), IsOk());
  ancient.not_after = "00020101000000Z";
  EXPECT_THAT(Verify(root_.Issue(ancient).pem(), ""),
              Refuses(Reason::kNotPermitted, HasSubstr("expired")));
  ForgeOptions distant = ForgeOptions::LeafOf(id_);
  distant.not_before = "99990101000000Z";
  EXPECT_THAT(Verify(root_.Issue(distant).pem(), ""),
              Refuses(Reason::kNotPermitted, HasSubstr("not valid yet")));
}

}  // namespace
}  // namespace interlink::federation
