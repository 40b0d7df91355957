#include "federation/identity/certificate.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "federation/base/openssl.h"
#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

constexpr std::string_view kAccountUri = "interlink://account/";

using NamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

absl::Status Damaged() {
  return Refusal(Reason::kRequestInvalid, "this certificate cannot be read");
}

WallTime ToWallTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return WallTime();
  // The years 1 and 9999 are outside the range of a clock.
  constexpr std::time_t kEarliest = 0;
  constexpr std::time_t kLatest = 9'000'000'000;
  return WallTime(
      std::chrono::seconds(std::clamp(timegm(&parts), kEarliest, kLatest)));
}

}  // namespace

Certificate::Certificate(X509* x509) : x509_(x509, &X509_free) {}

Certificate Certificate::Share(X509* x509) {
  X509_up_ref(x509);
  return Certificate(x509);
}

absl::StatusOr<Certificate> Certificate::FromDer(std::string_view der) {
  if (der.size() > kMaxBytes) return Damaged();
  const OpensslErrorScope errors;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = bytes + der.size();
  X509* x509 = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
  if (x509 == nullptr) return Damaged();
  Certificate certificate(x509);
  if (bytes != end) return Damaged();
  return certificate;
}

absl::StatusOr<std::vector<Certificate>> Certificate::ListFromPem(
    std::string_view pem) {
  std::vector<Certificate> certificates;
  // PEM is a third longer than DER.
  if (pem.size() > 2 * kMaxChain * kMaxBytes) return Damaged();
  const OpensslErrorScope errors;
  pem = pem.substr(0, pem.find_last_not_of("\r\n ") + 1);
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Require(bio != nullptr);
  // Without a passphrase OpenSSL would ask for one on the terminal.
  char no_passphrase[] = "";
  while (!BIO_eof(bio.get())) {
    X509* x509 = PEM_read_bio_X509(bio.get(), nullptr, nullptr, no_passphrase);
    if (x509 == nullptr) return Damaged();
    certificates.push_back(Certificate(x509));
    if (certificates.size() > kMaxChain ||
        certificates.back().ToDer().size() > kMaxBytes) {
      return Damaged();
    }
  }
  return certificates;
}

std::string Certificate::ToDer() const {
  return DerOf<X509>(i2d_X509, x509_.get());
}

std::string Certificate::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr && PEM_write_bio_X509(bio.get(), x509_.get()) == 1);
  return WrittenTo(bio.get());
}

std::string Certificate::SpkiSha256() const {
  const std::string key =
      DerOf<X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(x509_.get()));
  return key.empty() ? "" : Sha256(key);
}

std::optional<store::AccountId> Certificate::AccountName() const {
  const OpensslErrorScope errors;
  NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(x509_.get(), NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return std::nullopt;
  std::optional<store::AccountId> account;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* text = name->d.uniformResourceIdentifier;
    const std::string_view uri(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
        static_cast<size_t>(ASN1_STRING_length(text)));
    // Others, such as a SPIFFE id, are other people's business.
    if (uri.substr(0, kAccountUri.size()) != kAccountUri) continue;
    if (account) return std::nullopt;
    account = store::AccountId::FromHex(uri.substr(kAccountUri.size()));
    if (!account) return std::nullopt;
  }
  return account;
}

bool Certificate::IsSelfSignedRoot() const {
  const OpensslErrorScope errors;
  return X509_check_ca(x509_.get()) == 1 &&
         X509_NAME_cmp(X509_get_subject_name(x509_.get()),
                       X509_get_issuer_name(x509_.get())) == 0 &&
         X509_verify(x509_.get(), X509_get0_pubkey(x509_.get())) == 1;
}

WallTime Certificate::NotBefore() const {
  return ToWallTime(X509_get0_notBefore(x509_.get()));
}

WallTime Certificate::NotAfter() const {
  return ToWallTime(X509_get0_notAfter(x509_.get()));
}

std::string Sha256(std::string_view bytes) {
  // Looked up once: SHA256() does that in each call.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  Require(EVP_Digest(bytes.data(), bytes.size(),
                     reinterpret_cast<unsigned char*>(hash.data()), nullptr,
                     sha256, nullptr) > 0);
  return hash;
}

}  // namespace interlink::federation
