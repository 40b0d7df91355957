#include "tests/support/certificate_forge.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <ctime>
#include <utility>

namespace interlink::testing {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

void Require(bool ok) {
  if (!ok) std::abort();
}

void Extend(X509* x509, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    joined += (joined.empty() ? "" : ",") + part;
  }
  return joined;
}

// Without an `issuer` it is its own.
federation::Certificate Make(const ForgeOptions& options, EVP_PKEY* key,
                             X509* issuer, EVP_PKEY* issuer_key) {
  X509Ptr owner(X509_new(), &X509_free);
  X509* x509 = owner.get();
  if (issuer == nullptr) issuer = x509;
  Require(X509_set_version(x509, X509_VERSION_3) == 1);
  static int serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  Require(ASN1_TIME_set_string(X509_getm_notBefore(x509),
                               options.not_before.c_str()) == 1);
  Require(ASN1_TIME_set_string(X509_getm_notAfter(x509),
                               options.not_after.c_str()) == 1);
  Require(X509_NAME_add_entry_by_txt(
              X509_get_subject_name(x509), "CN", MBSTRING_ASC,
              reinterpret_cast<const unsigned char*>(options.subject.data()),
              static_cast<int>(options.subject.size()), -1, 0) == 1);
  Require(X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1);
  Require(X509_set_pubkey(x509, key) == 1);
  Extend(x509, issuer, NID_basic_constraints, options.basic_constraints);
  Extend(x509, issuer, NID_key_usage, options.key_usage);
  Extend(x509, issuer, NID_ext_key_usage, options.extended_key_usage);
  Extend(x509, issuer, NID_subject_alt_name, Joined(options.sans));
  Extend(x509, issuer, NID_subject_key_identifier, "hash");
  if (issuer != x509) {
    Extend(x509, issuer, NID_authority_key_identifier,
           options.authority_key_id);
  }
  Require(X509_sign(x509, issuer_key, EVP_sha256()) > 0);
  return federation::Certificate::Share(x509);
}

KeyPtr NewKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

}  // namespace

ForgeOptions ForgeOptions::LeafOf(store::AccountId account) {
  ForgeOptions options;
  options.subject = account.ToHex();
  options.sans = {"URI:interlink://account/" + account.ToHex(),
                  "DNS:" + account.ToHex() + ".interlink.internal"};
  return options;
}

ForgeOptions ForgeOptions::Authority(std::string subject) {
  ForgeOptions options;
  options.subject = std::move(subject);
  options.basic_constraints = "critical,CA:TRUE";
  options.key_usage = "critical,keyCertSign";
  options.extended_key_usage = "";
  return options;
}

std::string ToAsn1(federation::WallTime time) {
  const std::time_t seconds = federation::WallTime::clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &parts)};
}

ForgedCertificate ForgedCertificate::SelfSigned(const ForgeOptions& options) {
  KeyPtr key = NewKey();
  return {Make(options, key.get(), nullptr, key.get()), key};
}

ForgedCertificate ForgedCertificate::Issue(const ForgeOptions& options) const {
  KeyPtr key = NewKey();
  return {Make(options, key.get(), certificate_.get(), key_.get()), key};
}

ForgedCertificate ForgedCertificate::FromLeaf(const federation::Leaf& leaf) {
  const BioPtr bio(BIO_new_mem_buf(leaf.private_key_pem.data(), -1), &BIO_free);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
             &EVP_PKEY_free);
  return {federation::Certificate::ListFromPem(leaf.chain_pem)->front(),
          std::move(key)};
}

federation::Certificate ForgedCertificate::SignAgain(
    const federation::Certificate& certificate) const {
  X509Ptr copy(X509_dup(certificate.get()), &X509_free);
  Require(X509_sign(copy.get(), key_.get(), EVP_sha256()) > 0);
  return federation::Certificate::Share(copy.get());
}

federation::Leaf ForgedCertificate::Present(
    const std::string& chain_pem) const {
  federation::Leaf leaf;
  leaf.chain_pem = pem() + chain_pem;
  leaf.root_pem = pem();
  leaf.private_key_pem = private_key_pem();
  return leaf;
}

std::string ForgedCertificate::private_key_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  Require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                        0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace interlink::testing
