#include "federation/identity/proof.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/escaping.h"

namespace interlink::federation {
namespace {

// The values were computed with Python's hmac and hashlib, after RFC 5869.
constexpr char kKeyHex[] =
    "24e684f92949e94f04f957e821dd5b01fda7439176e0261f4b82a1eb22dec4c6";
constexpr char kRedeemHex[] =
    "19954f4e9c6a2c957df969c25e337d16e7a050534de45ca7df1cb49c34b1f022";
constexpr char kCancelHex[] =
    "145fc3994bb54172e28e21239b362e14ae02d1039445b882d7bbc48d96f5f419";

constexpr char kRedeemedHex[] =
    "fbf0296837871a7b350f6b4f0d510bc3eeb21f53937fe0a0a13b8492949b3627";

std::string Hex(const std::string& bytes) {
  return absl::BytesToHexString(bytes);
}

std::string Secret() {
  std::string secret;
  for (char c = 0; c < 32; ++c) secret += c;
  return secret;
}

ProofContext Context() {
  return {*store::InterlinkId::FromBytes(std::string(16, '\x11')),
          *store::AccountId::FromBytes(std::string(16, '\x22')),
          std::string(32, '\x33')};
}

const store::RedeemId kAttempt =
    *store::RedeemId::FromBytes(std::string(16, '\x44'));

TEST(ProofTest, TheKeyIsHkdfOfTheSecret) {
  EXPECT_EQ(Hex(ProofKey(Secret())), kKeyHex);
}

TEST(ProofTest, TheProofsAreHmacsAsPublished) {
  const std::string key = ProofKey(Secret());
  EXPECT_EQ(Hex(RedeemProof(key, Context(), "the body")), kRedeemHex);
  EXPECT_EQ(Hex(CancelProof(key, Context(), kAttempt)), kCancelHex);
  EXPECT_EQ(Hex(RedeemedProof(key, Context().interlink_id,
                              Context().issuer_account_id)),
            kRedeemedHex);
}

TEST(ProofTest, EveryPartOfTheContextCounts) {
  const std::string key = ProofKey(Secret());
  ProofContext other_id = Context();
  other_id.interlink_id =
      *store::InterlinkId::FromBytes(std::string(16, '\x12'));
  ProofContext other_issuer = Context();
  other_issuer.issuer_account_id =
      *store::AccountId::FromBytes(std::string(16, '\x12'));
  ProofContext other_root = Context();
  other_root.issuer_root_spki_sha256[31] ^= 1;
  std::set<std::string> proofs;
  for (const ProofContext& context :
       {Context(), other_id, other_issuer, other_root}) {
    proofs.insert(RedeemProof(key, context, "the body"));
    proofs.insert(CancelProof(key, context, kAttempt));
  }
  EXPECT_EQ(proofs.size(), 8u);
  proofs.insert(RedeemProof(key, Context(), "the bodz"));
  proofs.insert(RedeemProof(key, Context(), ""));
  proofs.insert(RedeemProof(ProofKey("another"), Context(), "the body"));
  proofs.insert(CancelProof(
      key, Context(), *store::RedeemId::FromBytes(std::string(16, '\x45'))));
  EXPECT_EQ(proofs.size(), 12u);
}

// A cancel must never pass for the Redeem of a body that is the attempt's id.
TEST(ProofTest, AProofOfOneKindIsNoneOfTheOther) {
  const std::string key = ProofKey(Secret());
  EXPECT_NE(RedeemProof(key, Context(), kAttempt.ToBytes()),
            CancelProof(key, Context(), kAttempt));
}

TEST(ProofTest, OnlyEqualProofsAreTheSame) {
  const std::string proof = RedeemProof(ProofKey(Secret()), Context(), "body");
  EXPECT_TRUE(SameProof(proof, proof));
  EXPECT_FALSE(SameProof(proof, proof.substr(0, 31)));
  EXPECT_FALSE(SameProof(proof, ""));
  EXPECT_TRUE(SameProof("", ""));
  for (size_t i = 0; i < proof.size(); ++i) {
    std::string other = proof;
    other[i] ^= '\x80';
    EXPECT_FALSE(SameProof(proof, other)) << i;
  }
}

TEST(ProofTest, AnEmptyKeyIsAKeyToo) {
  EXPECT_EQ(RedeemProof({}, Context(), "").size(), 32u);
}

}  // namespace
}  // namespace interlink::federation
