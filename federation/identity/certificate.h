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

  // The account that the certificate names: nullopt unless exactly one of its
  // URI SANs begins with "interlink://account/", and goes on with 32 hex
  // digits.
  std::optional<store::AccountId> AccountName() const;

  // Whether it is a CA certificate that bears a valid signature by its own key.
  // OpenSSL does not check that of a trust anchor.
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

// Who is expected at the other end of a connection.
struct PeerPin {
  store::AccountId account_id;
  // The roots stored in the link, DER; a chain must end in one of these.
  std::vector<std::string> roots;
  // Only while there is no stored root: the hash in the authorization key. A
  // presented self-signed root with that public key is then taken.
  std::string root_spki_sha256;

  bool operator==(const PeerPin&) const = default;
};

// What a peer presented in the TLS handshake. `chain_pem` may contain the leaf
// too, and is empty after a TLS resumption.
struct PresentedChain {
  std::string leaf_pem;
  std::string chain_pem;
};

// The account that the leaf names, whether or not that is true.
std::optional<store::AccountId> NamedAccount(const PresentedChain& presented);

// On which side of the TLS connection the presenter is.
enum class TlsSide { kClient, kServer };

// How long before and after its validity a certificate is still taken, because
// the clocks of two accounts differ.
inline constexpr std::chrono::minutes kClockLeeway{5};

// Checks that `presented` belongs to the account `pin` names (design.md section
// 4): nothing presented is ever a trust anchor, but for the self-signed root
// that a key's hash names. Returns until when the result holds.
//
// Errors: PERMISSION_DENIED, with reason PEER_IDENTITY_MISMATCH if it is not
// that account's chain, or NOT_PERMITTED if only the dates are wrong; the
// message then says by how much the clocks differ.
absl::StatusOr<WallTime> VerifyPeer(const PeerPin& pin,
                                    const PresentedChain& presented,
                                    TlsSide side, WallTime now);

}  // namespace interlink::federation
