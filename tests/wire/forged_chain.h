#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "federation/certificate.h"
#include "federation/identity.h"
#include "store/ids.h"

namespace interlink::testing {

// A certificate and its private key, as an attacker or a stranger's program
// makes them.
//
// A value; the key may be absent.
class ForgedCertificate {
 public:
  // A CA like an account's root.
  static ForgedCertificate Root(const std::string& name);
  // The leaf of `leaf`, to sign with although it may not.
  static ForgedCertificate FromLeaf(const federation::Leaf& leaf);

  // A leaf as an account's, signed by this certificate's key.
  ForgedCertificate Issue(store::AccountId account) const;

  // Presents `this`, then `chain`.
  federation::Leaf Present(const std::string& chain_pem) const;
  const federation::Certificate& certificate() const { return certificate_; }

 private:
  ForgedCertificate(federation::Certificate certificate,
                    std::shared_ptr<EVP_PKEY> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  federation::Certificate certificate_;
  std::shared_ptr<EVP_PKEY> key_;
};

// A root with the names and the public key of `root`, but signed by another
// key.
federation::Certificate ForgeSignature(const federation::Certificate& root);

}  // namespace interlink::testing
