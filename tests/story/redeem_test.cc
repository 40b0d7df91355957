// How an issuer answers a Redeem with a good proof and a strange body
// (design.md section 6, points 4 and 5).

#include "federation/identity/proof.h"
#include "federation/linking/authorization_key.h"
#include "tests/story/two_accounts.h"
#include "tests/support/certificate_forge.h"

namespace interlink::testing {
namespace {

namespace wire = federation::v1;

class RedeemTest : public AccountsTest {
 protected:
  void SetUp() override {
    key = *federation::AuthorizationKey::Parse(*mike.GenerateKey("pending"));
  }

  // As John's daemon would send it.
  wire::RedeemBody Body() {
    wire::RedeemBody body;
    body.set_redeem_id(std::string(16, 'r'));
    body.set_account_id(john.identity().account_id().ToBytes());
    body.set_account_name("John Smith");
    body.set_root_certificate(john.identity().root().ToDer());
    body.set_protocol_min(1);
    body.set_protocol_max(1);
    return body;
  }
  absl::Status RedeemBytes(const std::string& body,
                           const federation::PeerCaller& caller) {
    wire::RedeemRequest request;
    request.set_interlink_id(key.interlink_id.ToBytes());
    request.set_body(body);
    request.set_proof(federation::RedeemProof(federation::ProofKey(key.secret),
                                              key.proof_context(), body));
    return mike.Redeem(caller, request).status();
  }
  absl::Status Redeem(const wire::RedeemBody& body) {
    return RedeemBytes(body.SerializeAsString(), john.AsCaller());
  }
  void ExpectStillPending() {
    EXPECT_EQ(mike.Row("pending")->state(), api::INTERLINK_STATE_PENDING);
  }

  federation::AuthorizationKey key;
};

TEST_F(RedeemTest, AWellFormedBodyLinks) {
  EXPECT_THAT(Redeem(Body()), IsOk());
  EXPECT_EQ(mike.Row("pending")->state(), api::INTERLINK_STATE_ESTABLISHED);
}

TEST_F(RedeemTest, AMalformedBodyIsRefused) {
  EXPECT_THAT(RedeemBytes("\xff", john.AsCaller()),
              HasReason(Reason::kRequestInvalid));
  EXPECT_THAT(RedeemBytes(std::string(17 * 1024, '\0'), john.AsCaller()),
              HasReason(Reason::kRequestInvalid));
  ExpectStillPending();
}

TEST_F(RedeemTest, AnOversizedBodyIsRefusedWithItsSize) {
  const absl::Status refused =
      RedeemBytes(std::string(17 * 1024, '\0'), john.AsCaller());
  EXPECT_THAT(refused.message(),
              ::testing::HasSubstr("17408 bytes; at most 16384"));
}

TEST_F(RedeemTest, ARemovalOfAPendingIdInABodyNeedsAProof) {
  const auto other =
      *federation::AuthorizationKey::Parse(*mike.GenerateKey("other"));
  auto body = Body();
  body.add_removals()->set_interlink_id(other.interlink_id.ToBytes());
  EXPECT_THAT(Redeem(body), IsOk());
  EXPECT_EQ(mike.Row("other")->state(), api::INTERLINK_STATE_PENDING);
}

TEST_F(RedeemTest, ARemovalInABodyThatProvesAKeyUsedRevokesIt) {
  const auto other =
      *federation::AuthorizationKey::Parse(*mike.GenerateKey("other"));
  auto body = Body();
  body.add_removals()->set_interlink_id(other.interlink_id.ToBytes());
  body.mutable_removals(0)->set_redeemed_proof(federation::RedeemedProof(
      federation::ProofKey(other.secret), other.interlink_id,
      john.identity().account_id()));
  EXPECT_THAT(Redeem(body), IsOk());
  EXPECT_EQ(mike.Row("other")->state(), api::INTERLINK_STATE_FAILED);
}

TEST_F(RedeemTest, ABodyThatNamesNoAttemptOrRootIsRefused) {
  auto body = Body();
  body.set_redeem_id("short");
  EXPECT_THAT(Redeem(body), HasReason(Reason::kRequestInvalid));
  body = Body();
  body.set_root_certificate("no certificate");
  EXPECT_THAT(Redeem(body), HasReason(Reason::kRequestInvalid));
  ExpectStillPending();
}

TEST_F(RedeemTest, TooManyRemovalsAreRefused) {
  auto body = Body();
  for (int i = 0; i < 17; ++i) body.add_removals();
  EXPECT_THAT(Redeem(body), HasReason(Reason::kRequestInvalid));
  ExpectStillPending();
}

TEST_F(RedeemTest, ARootOfSomebodyElseIsRefused) {
  auto body = Body();
  body.set_account_id(tim.identity().account_id().ToBytes());
  body.set_root_certificate(tim.identity().root().ToDer());
  EXPECT_THAT(Redeem(body), HasReason(Reason::kNotPermitted));
  ExpectStillPending();
}

TEST_F(RedeemTest, AnotherProtocolIsRefusedAndTheKeyStaysGood) {
  auto body = Body();
  body.set_protocol_min(2);
  body.set_protocol_max(3);
  EXPECT_THAT(Redeem(body), HasReason(Reason::kProtocolVersion));
  ExpectStillPending();
}

TEST_F(RedeemTest, AnAccountDoesNotLinkItself) {
  auto body = Body();
  body.set_account_id(mike.identity().account_id().ToBytes());
  body.set_root_certificate(mike.identity().root().ToDer());
  EXPECT_THAT(RedeemBytes(body.SerializeAsString(), mike.AsCaller()),
              HasReason(Reason::kSelfLink));
  ExpectStillPending();
}

// An impostor is linked as Tim before Tim himself comes.
TEST_F(RedeemTest, AFalseClaimOfAnIdDoesNotKeepItsOwnerOut) {
  const auto account = tim.identity().account_id();
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("false"));
  const auto leaf = root.Issue(ForgeOptions::LeafOf(account));
  const federation::PeerCaller false_tim{
      .certificate = {.leaf_pem = leaf.pem(), .chain_pem = root.pem()},
      .source = "false.test:1"};
  auto body = Body();
  body.set_account_id(account.ToBytes());
  body.set_root_certificate(root.der());
  ASSERT_THAT(RedeemBytes(body.SerializeAsString(), false_tim), IsOk());
  Link(mike, tim);
  EXPECT_EQ(mike.Row("Tim Andrews")->state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_EQ(tim.Row("Mike Brown")->state(), api::INTERLINK_STATE_ESTABLISHED);
  // A link that stands goes on; the administrator is told.
  EXPECT_EQ(mike.Row("pending")->state(), api::INTERLINK_STATE_ESTABLISHED);
  EXPECT_THAT(mike.EventKinds(), Contains("IDENTITY_MISMATCH"));
  Advance(1min);
  EXPECT_EQ(mike.Row("Tim Andrews")->indicator(), api::INDICATOR_GREEN);
  // Once the owner of the id is linked, nobody else can claim it.
  key = *federation::AuthorizationKey::Parse(*mike.GenerateKey("late"));
  EXPECT_THAT(RedeemBytes(body.SerializeAsString(), false_tim),
              HasReason(Reason::kPeerIdentityMismatch));
}

TEST_F(RedeemTest, AKeyInAnothersNameDoesNotKeepItsOwnerOut) {
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("false"));
  key.interlink_id = *store::InterlinkId::FromBytes(std::string(16, 'f'));
  key.issuer_account_id = tim.identity().account_id();
  key.issuer_root_spki_sha256 = root.certificate().SpkiSha256();
  ASSERT_THAT(john.Link("false", key.ToText(), 1s), IsOk());
  EXPECT_THAT(john.Link("Tim", *tim.GenerateKey("John Smith")), IsOk());
  Advance(1min);
  EXPECT_EQ(john.Row("Tim")->indicator(), api::INDICATOR_GREEN);
  EXPECT_EQ(john.Row("false")->state(), api::INTERLINK_STATE_LINKING);
}

// Ids of accounts that are older than ids made from roots are random.
TEST_F(RedeemTest, AnAccountWithARandomIdLinksToo) {
  Link(mike, tim);
  const std::string stored(store::kAccountKey);
  auto record = *store::Decode<store::v1::AccountRecord>(
      (*john.database().Get(stored))->value);
  record.set_account_id(std::string(16, 'r'));
  ASSERT_TRUE(john.database()
                  .Commit({}, {store::Op::Put(stored, store::Encode(record))})
                  .ok());
  john.Crash();
  john.Start();
  Link(mike, john);
  Link(john, tim);
  Advance(1min);
  for (const auto& row : john.Rows()) {
    EXPECT_EQ(row.indicator(), api::INDICATOR_GREEN) << row.name();
  }
}

// An account that was made anew, or somebody who poses as it.
TEST_F(RedeemTest, TheSameAccountUnderAnotherRootChangesNothing) {
  Link(mike, john);
  const std::string id = mike.Row("John Smith")->id();
  const auto account = john.identity().account_id();
  const auto root =
      ForgedCertificate::SelfSigned(ForgeOptions::Authority("another"));
  const auto leaf = root.Issue(ForgeOptions::LeafOf(account));
  auto body = Body();
  body.set_root_certificate(root.der());
  const federation::PeerCaller caller{
      .certificate = {.leaf_pem = leaf.pem(), .chain_pem = root.pem()},
      .source = "somewhere.test:1"};
  EXPECT_THAT(RedeemBytes(body.SerializeAsString(), caller),
              HasReason(Reason::kPeerIdentityMismatch));
  ExpectStillPending();
  EXPECT_EQ(mike.Row("John Smith")->id(), id);
  Advance(1s);
  EXPECT_THAT(mike.EventKinds(), Contains("IDENTITY_MISMATCH"));
}

}  // namespace
}  // namespace interlink::testing
