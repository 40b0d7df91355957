#include "federation/identity/proof.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstdlib>

#include "federation/base/openssl.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kRedeemLabel = "interlink-redeem-v1";
constexpr std::string_view kCancelLabel = "interlink-cancel-v1";
constexpr std::string_view kRedeemedLabel = "interlink-redeemed-v1";
constexpr std::string_view kGenerationLabel = "interlink-generation-v1";
constexpr std::string_view kCallLabel = "interlink-call-v1";
constexpr size_t kKeyBytes = 32;
constexpr size_t kCallProofBytes = 12;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// An HMAC whose algorithms have been looked up already: HMAC() does that anew
// in each call, which takes twice as long as the rest of a call token.
EVP_MAC_CTX* NewHmacSha256() {
  const OpensslPtr<EVP_MAC, EVP_MAC_free> hmac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac.get());
  Require(context != nullptr);
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  Require(EVP_MAC_CTX_set_params(context, parameters) > 0);
  return context;
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  thread_local const OpensslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free> context(
      NewHmacSha256());
  unsigned char mac[EVP_MAX_MD_SIZE];
  size_t size = 0;
  if (key.empty()) key = "";  // No key at all would mean the one before.
  Require(EVP_MAC_init(context.get(), Bytes(key), key.size(), nullptr) > 0 &&
          EVP_MAC_update(context.get(), Bytes(message), message.size()) > 0 &&
          EVP_MAC_final(context.get(), mac, &size, sizeof(mac)) > 0);
  return {reinterpret_cast<char*>(mac), size};
}

std::string Bound(std::string_view label, const ProofContext& context) {
  return std::string(label) + context.interlink_id.ToBytes() +
         context.issuer_account_id.ToBytes() + context.issuer_root_spki_sha256;
}

// HKDF-SHA256 without salt (RFC 5869).
std::string Derive(std::string_view secret, std::string_view label) {
  const OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> hkdf(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  std::string key(kKeyBytes, '\0');
  size_t size = key.size();
  if (!hkdf || EVP_PKEY_derive_init(hkdf.get()) <= 0 ||
      EVP_PKEY_CTX_set_hkdf_md(hkdf.get(), EVP_sha256()) <= 0 ||
      EVP_PKEY_CTX_set1_hkdf_key(hkdf.get(), Bytes(secret),
                                 static_cast<int>(secret.size())) <= 0 ||
      EVP_PKEY_CTX_add1_hkdf_info(hkdf.get(), Bytes(label),
                                  static_cast<int>(label.size())) <= 0 ||
      EVP_PKEY_derive(hkdf.get(), reinterpret_cast<unsigned char*>(key.data()),
                      &size) <= 0) {
    std::abort();
  }
  return key;
}

}  // namespace

std::string ProofKey(std::string_view secret) {
  return Derive(secret, kRedeemLabel);
}

std::string RedeemProof(std::string_view proof_key, const ProofContext& context,
                        std::string_view body) {
  return HmacSha256(proof_key,
                    Bound(kRedeemLabel, context) + std::string(body));
}

std::string CancelProof(std::string_view proof_key, const ProofContext& context,
                        store::RedeemId redeem_id) {
  return HmacSha256(proof_key,
                    Bound(kCancelLabel, context) + redeem_id.ToBytes());
}

std::string RedeemedProof(std::string_view proof_key, store::InterlinkId id,
                          store::AccountId redeemer) {
  return HmacSha256(proof_key, std::string(kRedeemedLabel) + id.ToBytes() +
                                   redeemer.ToBytes());
}

std::string GenerationKey(std::string_view root_private_key) {
  return Derive(root_private_key, kGenerationLabel);
}

std::string GenerationProof(std::string_view generation_key,
                            store::InterlinkId id, uint64_t count) {
  return HmacSha256(generation_key, std::string(kGenerationLabel) +
                                        id.ToBytes() + std::to_string(count));
}

std::string CallKey(std::string_view call_secret, store::InterlinkId id) {
  return Derive(call_secret, std::string(kCallLabel) + id.ToBytes());
}

std::string CallProof(std::string_view call_key, store::InterlinkId id,
                      std::string_view number, std::string_view head) {
  std::string message(kCallLabel);
  message += id.ToBytes();
  message += number;
  message += head;
  return HmacSha256(call_key, message).substr(0, kCallProofBytes);
}

bool SameProof(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace interlink::federation
