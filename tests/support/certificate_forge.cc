#include "tests/support/certificate_forge.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <ctime>
#include <utility>

namespace interlink::testing {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

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

federation::Certificate ForgedCertificate::SignedAgainBy(
    const ForgedCertificate& signer) const {
  X509Ptr copy(X509_dup(certificate_.get()), &X509_free);
  Require(X509_sign(copy.get(), signer.key_.get(), EVP_sha256()) > 0);
  return federation::Certificate::Share(copy.get());
}

}  // namespace interlink::testing
