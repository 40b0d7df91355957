#include "tests/wire/forged_chain.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <utility>

namespace interlink::testing {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kHour = 3600;

void Require(bool ok) {
  if (!ok) std::abort();
}

KeyPtr NewKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

X509Ptr NewCertificate(const std::string& name, EVP_PKEY* key) {
  X509Ptr x509(X509_new(), &X509_free);
  X509_set_version(x509.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1 + std::rand());
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 24 * kHour);
  Require(X509_NAME_add_entry_by_txt(
              X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
              reinterpret_cast<const unsigned char*>(name.data()), -1, -1,
              0) == 1);
  Require(X509_set_pubkey(x509.get(), key) == 1);
  return x509;
}

void Extend(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

ForgedCertificate ForgedCertificate::Root(const std::string& name) {
  KeyPtr key = NewKey();
  X509Ptr x509 = NewCertificate(name, key.get());
  X509* self = x509.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  Extend(self, self, NID_basic_constraints, "critical,CA:TRUE");
  Extend(self, self, NID_key_usage, "critical,keyCertSign");
  Extend(self, self, NID_subject_key_identifier, "hash");
  Require(X509_sign(self, key.get(), EVP_sha256()) > 0);
  return {federation::Certificate::Share(self), std::move(key)};
}

ForgedCertificate ForgedCertificate::FromLeaf(const federation::Leaf& leaf) {
  BIO* bio = BIO_new_mem_buf(leaf.private_key_pem.data(), -1);
  KeyPtr key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr),
             &EVP_PKEY_free);
  BIO_free(bio);
  return {federation::Certificate::ListFromPem(leaf.chain_pem)->front(),
          std::move(key)};
}

ForgedCertificate ForgedCertificate::Issue(store::AccountId account) const {
  KeyPtr key = NewKey();
  X509Ptr x509 = NewCertificate(account.ToHex(), key.get());
  X509* issuer = certificate_.get();
  X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer));
  Extend(x509.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  Extend(x509.get(), issuer, NID_key_usage, "critical,digitalSignature");
  Extend(x509.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  Extend(x509.get(), issuer, NID_subject_alt_name,
         "URI:interlink://account/" + account.ToHex() +
             ",DNS:" + account.ToHex() + ".interlink.internal");
  Extend(x509.get(), issuer, NID_subject_key_identifier, "hash");
  Extend(x509.get(), issuer, NID_authority_key_identifier, "keyid");
  Require(X509_sign(x509.get(), key_.get(), EVP_sha256()) > 0);
  return {federation::Certificate::Share(x509.get()), std::move(key)};
}

federation::Leaf ForgedCertificate::Present(
    const std::string& chain_pem) const {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0,
                                        nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  federation::Leaf leaf;
  leaf.chain_pem = certificate_.ToPem() + chain_pem;
  leaf.private_key_pem.assign(data, static_cast<size_t>(size));
  BIO_free(bio);
  return leaf;
}

federation::Certificate ForgeSignature(const federation::Certificate& root) {
  X509Ptr copy(X509_dup(root.get()), &X509_free);
  const KeyPtr other = NewKey();
  Require(X509_sign(copy.get(), other.get(), EVP_sha256()) > 0);
  return federation::Certificate::Share(copy.get());
}

}  // namespace interlink::testing
