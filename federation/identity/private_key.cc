#include "federation/identity/private_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "federation/base/openssl.h"
#include "federation/identity/certificate.h"

namespace interlink::federation {
namespace {

using BignumPtr = OpensslPtr<BIGNUM, BN_clear_free>;

// A number from 1 to the order of P-256 minus 1 (FIPS 186-5, A.2.2). Not from
// OpenSSL's generator: the account's id follows from this key, and a simulation
// must repeat.
BignumPtr NewScalar(const EC_GROUP* group, Randomness& randomness) {
  constexpr size_t kScalarBytes = 32;
  for (;;) {
    std::string bytes = randomness.Bytes(kScalarBytes);
    BignumPtr scalar(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()), nullptr));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    Require(scalar != nullptr);
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    if (!BN_is_zero(scalar.get()) &&
        BN_cmp(scalar.get(), EC_GROUP_get0_order(group)) < 0) {
      return scalar;
    }
  }
}

}  // namespace

PrivateKey::PrivateKey(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {}

PrivateKey PrivateKey::New() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Require(key != nullptr);
  return PrivateKey(key);
}

PrivateKey PrivateKey::NewFrom(Randomness& randomness) {
  const OpensslPtr<EC_GROUP, EC_GROUP_free> group(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  Require(group != nullptr);
  const BignumPtr scalar = NewScalar(group.get(), randomness);
  const OpensslPtr<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
  unsigned char public_key[65];
  Require(point != nullptr &&
          EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr,
                       nullptr) == 1 &&
          EC_POINT_point2oct(
              group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
              public_key, sizeof(public_key), nullptr) == sizeof(public_key));
  const OpensslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(
      OSSL_PARAM_BLD_new());
  Require(
      builder != nullptr &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      "prime256v1", 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       public_key, sizeof(public_key)) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                             scalar.get()) == 1);
  const OpensslPtr<OSSL_PARAM, OSSL_PARAM_free> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  Require(parameters != nullptr && context != nullptr &&
          EVP_PKEY_fromdata_init(context.get()) == 1 &&
          EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR,
                            parameters.get()) == 1);
  return PrivateKey(key);
}

std::optional<PrivateKey> PrivateKey::FromDer(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  EVP_PKEY* key =
      d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.size()));
  if (key == nullptr) return std::nullopt;
  return PrivateKey(key);
}

std::string PrivateKey::ToDer() const {
  const OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      EVP_PKEY2PKCS8(key_.get()));
  Require(info != nullptr);
  std::string der =
      DerOf<PKCS8_PRIV_KEY_INFO>(i2d_PKCS8_PRIV_KEY_INFO, info.get());
  Require(!der.empty());
  return der;
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr &&
          PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                        0, nullptr, nullptr) == 1);
  return WrittenTo(bio.get());
}

std::string PrivateKey::SpkiSha256() const {
  const std::string der = DerOf<EVP_PKEY>(i2d_PUBKEY, key_.get());
  Require(!der.empty());
  return Sha256(der);
}

}  // namespace interlink::federation
