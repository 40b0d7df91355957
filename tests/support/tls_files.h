#pragma once

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "tests/support/certificate_forge.h"

namespace interlink::testing {

// A certificate and its key, as PEM files.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// A certificate authority that a test makes for itself, whose certificates lie
// in files.
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
  const ForgedCertificate root_;
  const std::string certificate_;
};

std::string ContentsOf(const std::string& path);

// What a client shows `shown`, trusting only `authority`. Both are read now.
std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(
    const std::string& authority, const TlsFiles& shown);

}  // namespace interlink::testing
