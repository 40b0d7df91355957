#include "tests/daemon/tls_files.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace interlink::daemon {
namespace {

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// By rename: a watcher of the file sees the old one or the new one.
template <class Write>
void WriteFile(const std::string& path, Write write) {
  const std::string draft = path + ".new";
  std::FILE* file = std::fopen(draft.c_str(), "w");
  if (file == nullptr) std::abort();
  write(file);
  std::fclose(file);
  if (std::rename(draft.c_str(), path.c_str()) != 0) std::abort();
}

void WriteCertificate(const std::string& path, X509* certificate) {
  WriteFile(path, [=](std::FILE* file) { PEM_write_X509(file, certificate); });
}

}  // namespace

TestAuthority::TestAuthority(const std::string& stem)
    : key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      own_(Sign(key_.get(), "Test CA", key_.get(), nullptr, "critical,CA:TRUE",
                NID_basic_constraints)),
      certificate_(stem + ".pem") {
  WriteCertificate(certificate_, own_.get());
}

TestAuthority::Certificate TestAuthority::Sign(
    EVP_PKEY* key, const std::string& name, EVP_PKEY* signer, X509_NAME* issuer,
    const std::string& extension, int kind) {
  Certificate certificate(X509_new(), X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(name.data()),
      static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(x509, issuer != nullptr ? issuer : subject);
  X509_set_pubkey(x509, key);
  X509_EXTENSION* made =
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, extension.c_str());
  if (made == nullptr) std::abort();
  X509_add_ext(x509, made, -1);
  X509_EXTENSION_free(made);
  X509_sign(x509, signer, EVP_sha256());
  return certificate;
}

TlsFiles TestAuthority::Issue(const std::string& stem,
                              const std::string& names) const {
  const TlsFiles files = {stem + ".pem", stem + ".key"};
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate =
      Sign(key.get(), "test", key_.get(), X509_get_subject_name(own_.get()),
           names, NID_subject_alt_name);
  WriteCertificate(files.certificate, certificate.get());
  WriteFile(files.key, [&](std::FILE* file) {
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr,
                         nullptr);
  });
  return files;
}

std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(
    const std::string& authority, const TlsFiles& shown) {
  return grpc::SslCredentials({.pem_root_certs = Text(authority),
                               .pem_private_key = Text(shown.key),
                               .pem_cert_chain = Text(shown.certificate)});
}

}  // namespace interlink::daemon
