#pragma once

#include <cstddef>
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
// bytes. The issuer stores K after the key is used, because the secret cannot
// be computed from K.
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

// HKDF-SHA256(call secret, info "interlink-call-v1" | interlink_id): what the
// call tokens of that link are made with (section 16).
std::string CallKey(std::string_view call_secret, store::InterlinkId id);
// Of a call key, and of the secret that it is derived from.
inline constexpr size_t kCallKeyBytes = 32;

// The first 12 bytes of HMAC-SHA256 with that key over "interlink-call-v1", the
// link, the digits of the number and `head`.
std::string CallProof(std::string_view call_key, store::InterlinkId id,
                      std::string_view number, std::string_view head);

// Whether two proofs are equal, in a time that does not depend on where they
// differ.
bool SameProof(std::string_view a, std::string_view b);

}  // namespace interlink::federation
