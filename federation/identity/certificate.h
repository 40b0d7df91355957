#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "store/ids.h"

typedef struct x509_st X509;

namespace interlink::federation {

// An X.509 certificate.
//
// A value, cheap to copy, safe to read from any thread.
class Certificate {
 public:
  static constexpr size_t kMaxBytes = 16 * 1024;
  static constexpr size_t kMaxChain = 4;

  // INVALID_ARGUMENT if `der` is not exactly one certificate of at most
  // kMaxBytes.
  static absl::StatusOr<Certificate> FromDer(std::string_view der);

  // All certificates of a PEM text, none of an empty one. INVALID_ARGUMENT if
  // one is damaged or too large, or if there are more than kMaxChain.
  static absl::StatusOr<std::vector<Certificate>> ListFromPem(
      std::string_view pem);

  std::string ToDer() const;
  std::string ToPem() const;

  // SHA-256 of the public key (SubjectPublicKeyInfo), 32 bytes.
  std::string SpkiSha256() const;

  // The account that the certificate names. nullopt unless exactly one of its
  // URI SANs begins with "interlink://account/" and 32 hexadecimal digits
  // follow.
  std::optional<store::AccountId> AccountName() const;

  // Whether this is a CA certificate with a valid signature by its own key.
  // OpenSSL does not check the signature of a trust anchor.
  bool IsSelfSignedRoot() const;

  WallTime NotBefore() const;
  WallTime NotAfter() const;

  X509* get() const { return x509_.get(); }
  // Another holder of a certificate that OpenSSL owns.
  static Certificate Share(X509* x509);

 private:
  explicit Certificate(X509* x509);

  std::shared_ptr<X509> x509_;
};

// SHA-256 of `bytes`, 32 bytes.
std::string Sha256(std::string_view bytes);

}  // namespace interlink::federation
