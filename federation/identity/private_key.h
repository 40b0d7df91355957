#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "federation/base/randomness.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace interlink::federation {

// An ECDSA P-256 key with its public half.
//
// A value, cheap to copy, safe to read from any thread. Its texts are secrets.
class PrivateKey {
 public:
  // A key from OpenSSL's own generator.
  static PrivateKey New();
  // A key from `randomness`, so that a simulation makes the same one again.
  static PrivateKey NewFrom(Randomness& randomness);

  // nullopt if `der` is no private key.
  static std::optional<PrivateKey> FromDer(std::string_view der);

  std::string ToDer() const;  // PKCS #8.
  std::string ToPem() const;

  // SHA-256 of the public key (SubjectPublicKeyInfo), 32 bytes.
  std::string SpkiSha256() const;

  EVP_PKEY* get() const { return key_.get(); }

 private:
  explicit PrivateKey(EVP_PKEY* key);

  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace interlink::federation
