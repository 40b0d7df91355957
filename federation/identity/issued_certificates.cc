#include "federation/identity/issued_certificates.h"

#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>

#include "federation/base/openssl.h"

namespace interlink::federation {
namespace {

using X509Ptr = OpensslPtr<X509, X509_free>;

void SetSerial(X509* x509) {
  unsigned char bytes[16];
  Require(RAND_bytes(bytes, sizeof(bytes)) == 1);
  bytes[0] &= 0x7f;  // Positive.
  bytes[0] |= 0x01;  // Not zero.
  const OpensslPtr<BIGNUM, BN_free> number(
      BN_bin2bn(bytes, sizeof(bytes), nullptr));
  Require(number != nullptr &&
          BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) !=
              nullptr);
}

X509Ptr NewCertificate() {
  X509Ptr x509(X509_new());
  Require(x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1);
  SetSerial(x509.get());
  return x509;
}

void SetCommonName(X509_NAME* name, const std::string& text) {
  Require(X509_NAME_add_entry_by_txt(
              name, "CN", MBSTRING_ASC,
              reinterpret_cast<const unsigned char*>(text.data()),
              static_cast<int>(text.size()), -1, 0) == 1);
}

void AddExtension(X509* x509, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void Sign(X509* x509, const PrivateKey& key) {
  Require(X509_sign(x509, key.get(), EVP_sha256()) > 0);
}

}  // namespace

Certificate NewRoot(store::AccountId account, const PrivateKey& key) {
  const X509Ptr x509 = NewCertificate();
  X509* const root = x509.get();
  SetCommonName(X509_get_subject_name(root),
                "Interlink account " + account.ToHex());
  Require(X509_set_issuer_name(root, X509_get_subject_name(root)) == 1);
  // RFC 5280 4.1.2.5: 99991231235959Z has no well-defined end.
  Require(ASN1_TIME_set_string_X509(X509_getm_notBefore(root),
                                    "19700101000000Z") == 1);
  Require(ASN1_TIME_set_string_X509(X509_getm_notAfter(root),
                                    "99991231235959Z") == 1);
  Require(X509_set_pubkey(root, key.get()) == 1);
  AddExtension(root, root, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(root, root, NID_key_usage, "critical,keyCertSign");
  AddExtension(root, root, NID_subject_key_identifier, "hash");
  Sign(root, key);
  return Certificate::Share(root);
}

Certificate NewLeaf(store::AccountId account, const Certificate& root,
                    const PrivateKey& root_key, const PrivateKey& key,
                    WallTime begin, WallTime end) {
  const X509Ptr x509 = NewCertificate();
  X509* const leaf = x509.get();
  SetCommonName(X509_get_subject_name(leaf), account.ToHex());
  Require(X509_set_issuer_name(leaf, X509_get_subject_name(root.get())) == 1);
  Require(ASN1_TIME_set(X509_getm_notBefore(leaf),
                        WallTime::clock::to_time_t(begin)) != nullptr);
  Require(ASN1_TIME_set(X509_getm_notAfter(leaf),
                        WallTime::clock::to_time_t(end)) != nullptr);
  Require(X509_set_pubkey(leaf, key.get()) == 1);
  AddExtension(leaf, root.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf, root.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(leaf, root.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(leaf, root.get(), NID_subject_alt_name,
               "URI:interlink://account/" + account.ToHex() +
                   ",DNS:" + account.ToHex() + ".interlink.internal");
  AddExtension(leaf, root.get(), NID_subject_key_identifier, "hash");
  AddExtension(leaf, root.get(), NID_authority_key_identifier, "keyid");
  Sign(leaf, root_key);
  return Certificate::Share(leaf);
}

}  // namespace interlink::federation
