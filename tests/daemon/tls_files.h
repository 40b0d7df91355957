#pragma once

#include <grpcpp/security/credentials.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace interlink::daemon {

// A certificate and its key, as PEM files.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// A certificate authority that a test makes for itself.
//
// Threading: one thread.
class TestAuthority {
 public:
  // Its certificate is written to `stem`.pem.
  explicit TestAuthority(const std::string& stem);

  const std::string& certificate() const { return certificate_; }

  // Signs a certificate of a new key with these alternative names, in
  // OpenSSL's words ("DNS:localhost,URI:interlink://role/admin"), and writes
  // both to `stem`.pem and `stem`.key, over what is there.
  TlsFiles Issue(const std::string& stem, const std::string& names) const;

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Certificate Sign(EVP_PKEY* key, const std::string& name,
                          EVP_PKEY* signer, X509_NAME* issuer,
                          const std::string& extension, int kind);

  Key key_;
  Certificate own_;
  std::string certificate_;
};

// What a client shows `shown`, trusting only `authority`. Both are read now.
std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(
    const std::string& authority, const TlsFiles& shown);

}  // namespace interlink::daemon
