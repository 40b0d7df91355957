#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "federation/identity/certificate.h"
#include "federation/identity/identity.h"
#include "store/ids.h"

// Certificates as an attacker, or a careless administrator, makes them.
namespace interlink::testing {

// What to write into a certificate. As it stands: a leaf that is fit for both
// sides of TLS and names nobody.
struct ForgeOptions {
  // As an account's leaf: both SANs that name it.
  static ForgeOptions LeafOf(store::AccountId account);
  // As an account's root, or an authority below one.
  static ForgeOptions Authority(std::string subject);

  std::string subject = "forged";
  std::vector<std::string> sans;  // "URI:..." or "DNS:...".
  std::string basic_constraints = "critical,CA:FALSE";  // Empty: left out.
  std::string key_usage = "critical,digitalSignature";
  std::string extended_key_usage = "serverAuth,clientAuth";  // Empty: left out.
  std::string authority_key_id = "keyid";                    // Empty: left out.
  // As ASN.1 GeneralizedTime.
  std::string not_before = "19700101000000Z";
  std::string not_after = "99991231235959Z";
};

// "20240131235959Z".
std::string ToAsn1(federation::WallTime time);

// A certificate together with its private key. A value, cheap to copy.
class ForgedCertificate {
 public:
  static ForgedCertificate SelfSigned(const ForgeOptions& options);
  // The leaf of `leaf`, to sign with although it may not.
  static ForgedCertificate FromLeaf(const federation::Leaf& leaf);
  // One that this one signs, whether or not it may.
  ForgedCertificate Issue(const ForgeOptions& options) const;
  // `certificate` with this one's signature instead of its own.
  federation::Certificate SignAgain(
      const federation::Certificate& certificate) const;
  // What shows this certificate, then `chain_pem`.
  federation::Leaf Present(const std::string& chain_pem) const;

  const federation::Certificate& certificate() const { return certificate_; }
  std::string pem() const { return certificate_.ToPem(); }
  std::string der() const { return certificate_.ToDer(); }
  std::string private_key_pem() const;

 private:
  ForgedCertificate(federation::Certificate certificate,
                    std::shared_ptr<EVP_PKEY> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  federation::Certificate certificate_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace interlink::testing
