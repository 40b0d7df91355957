#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/ids.h"

namespace interlink::federation {

// What a proof is bound to besides its subject: a proof that was made for
// another key or another issuer is worthless.
struct ProofContext {
  store::InterlinkId interlink_id;
  store::AccountId issuer_account_id;
  std::string issuer_root_spki_sha256;
};

// K = HKDF-SHA256(secret, info "interlink-redeem-v1") (RFC 5869, no salt), 32
// bytes. The issuer stores it instead of the secret, which it does not reveal.
std::string ProofKey(std::string_view secret);

// HMAC-SHA256 with K over the label "interlink-redeem-v1", the context and the
// received bytes of the body. Proves that the redeemer has the key (design.md
// section 6).
std::string RedeemProof(std::string_view proof_key, const ProofContext& context,
                        std::string_view body);

// The same over "interlink-cancel-v1" and the attempt's id. Proves that the
// account which began the attempt ends it (section 10).
std::string CancelProof(std::string_view proof_key, const ProofContext& context,
                        store::RedeemId redeem_id);

// HMAC-SHA256 with K over "interlink-redeemed-v1", the link and the redeemer.
// Proves that this account has redeemed the key (section 10).
std::string RedeemedProof(std::string_view proof_key, store::InterlinkId id,
                          store::AccountId redeemer);

// A key that the account derives from its root's private key, to recognise what
// it once told its peers.
std::string GenerationKey(std::string_view root_private_key);

// HMAC-SHA256 with that key over "interlink-generation-v1", the link and the
// count (section 10): a peer can quote the count, and cannot make one up.
std::string GenerationProof(std::string_view generation_key,
                            store::InterlinkId id, uint64_t count);

// Whether two proofs are equal, in a time that does not depend on where they
// differ.
bool SameProof(std::string_view a, std::string_view b);

}  // namespace interlink::federation
