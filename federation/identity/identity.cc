#include "federation/identity/identity.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/proof.h"
#include "store/failpoint.h"
#include "store/records.h"

namespace interlink::federation {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
struct X509Deleter {
  void operator()(X509* x509) const { X509_free(x509); }
};
using X509Ptr = std::unique_ptr<X509, X509Deleter>;

// OpenSSL's calls here fail only if memory runs out or the library is broken.
void Require(bool ok) {
  if (!ok) std::abort();
}

struct BignumDeleter {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
};
using BignumPtr = std::unique_ptr<BIGNUM, BignumDeleter>;

// A number from 1 to the order of P-256 less 1, of the account's own
// randomness: the id follows from this key, and simulations have to repeat
// (FIPS 186-5, A.2.2).
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

KeyPtr NewRootKey(Randomness& randomness) {
  const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), &EC_GROUP_free);
  Require(group != nullptr);
  const BignumPtr scalar = NewScalar(group.get(), randomness);
  const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point(
      EC_POINT_new(group.get()), &EC_POINT_free);
  unsigned char public_key[65];
  Require(point != nullptr &&
          EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr,
                       nullptr) == 1 &&
          EC_POINT_point2oct(
              group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
              public_key, sizeof(public_key), nullptr) == sizeof(public_key));
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(
      OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  Require(
      builder != nullptr &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      "prime256v1", 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       public_key, sizeof(public_key)) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                             scalar.get()) == 1);
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()), &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  Require(parameters != nullptr && context != nullptr &&
          EVP_PKEY_fromdata_init(context.get()) == 1 &&
          EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR,
                            parameters.get()) == 1);
  return {key, &EVP_PKEY_free};
}

std::string SpkiSha256(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  Require(size > 0);
  std::string hash =
      Sha256({reinterpret_cast<char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return hash;
}

// From OpenSSL's own generator.
KeyPtr NewKey() {
  KeyPtr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  Require(key != nullptr);
  return key;
}

void SetSerial(X509* x509) {
  unsigned char bytes[16];
  Require(RAND_bytes(bytes, sizeof(bytes)) == 1);
  bytes[0] &= 0x7f;  // Positive.
  bytes[0] |= 0x01;  // And not zero.
  BIGNUM* number = BN_bin2bn(bytes, sizeof(bytes), nullptr);
  Require(number != nullptr &&
          BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != nullptr);
  BN_free(number);
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

void Sign(X509* x509, EVP_PKEY* key) {
  Require(X509_sign(x509, key, EVP_sha256()) > 0);
}

X509Ptr NewRoot(store::AccountId account, EVP_PKEY* key) {
  X509Ptr x509(X509_new());
  Require(x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1);
  SetSerial(x509.get());
  SetCommonName(X509_get_subject_name(x509.get()),
                "Interlink account " + account.ToHex());
  Require(X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get())) ==
          1);
  // RFC 5280 4.1.2.5: 99991231235959Z has no well-defined end.
  Require(ASN1_TIME_set_string_X509(X509_getm_notBefore(x509.get()),
                                    "19700101000000Z") == 1);
  Require(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509.get()),
                                    "99991231235959Z") == 1);
  Require(X509_set_pubkey(x509.get(), key) == 1);
  X509* self = x509.get();
  AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(self, self, NID_key_usage, "critical,keyCertSign");
  AddExtension(self, self, NID_subject_key_identifier, "hash");
  Sign(self, key);
  return x509;
}

X509Ptr NewLeaf(store::AccountId account, const Certificate& root,
                EVP_PKEY* root_key, EVP_PKEY* key, WallTime begin,
                WallTime end) {
  X509Ptr x509(X509_new());
  Require(x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1);
  X509* leaf = x509.get();
  SetSerial(leaf);
  SetCommonName(X509_get_subject_name(leaf), account.ToHex());
  Require(X509_set_issuer_name(leaf, X509_get_subject_name(root.get())) == 1);
  Require(ASN1_TIME_set(X509_getm_notBefore(leaf),
                        WallTime::clock::to_time_t(begin)) != nullptr);
  Require(ASN1_TIME_set(X509_getm_notAfter(leaf),
                        WallTime::clock::to_time_t(end)) != nullptr);
  Require(X509_set_pubkey(leaf, key) == 1);
  AddExtension(leaf, root.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf, root.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(leaf, root.get(), NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(leaf, root.get(), NID_subject_alt_name,
               "URI:interlink://account/" + account.ToHex() +
                   ",DNS:" + account.ToHex() + ".interlink.internal");
  AddExtension(leaf, root.get(), NID_subject_key_identifier, "hash");
  AddExtension(leaf, root.get(), NID_authority_key_identifier, "keyid");
  Sign(leaf, root_key);
  return x509;
}

std::string KeyToDer(EVP_PKEY* key) {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
  Require(info != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  Require(size > 0);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_clear_free(der, static_cast<size_t>(size));
  PKCS8_PRIV_KEY_INFO_free(info);
  return bytes;
}

KeyPtr KeyFromDer(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return {d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.size())),
          &EVP_PKEY_free};
}

std::string KeyToPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(bio != nullptr &&
          PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

absl::StatusOr<store::v1::AccountRecord> Create(store::Database& database,
                                                Randomness& randomness,
                                                WallTime now) {
  const KeyPtr key = NewRootKey(randomness);
  const store::AccountId account = AccountIdOf(SpkiSha256(key.get()));
  const X509Ptr root = NewRoot(account, key.get());
  store::v1::AccountRecord record;
  record.set_account_id(account.ToBytes());
  record.set_root_certificate(Certificate::Share(root.get()).ToDer());
  record.set_root_private_key(KeyToDer(key.get()));
  *record.mutable_create_time() = store::ToTimestamp(now);
  store::PassFailpoint("start/unidentified");
  auto revision = database.Commit(
      {store::Precondition::Absent(std::string(store::kAccountKey))},
      {store::Op::Put(std::string(store::kAccountKey), store::Encode(record))});
  if (!revision.ok()) return StoreRefusal(revision.status());
  return record;
}

}  // namespace

store::AccountId AccountIdOf(std::string_view root_spki_sha256) {
  return store::AccountId::FromBytes(
             root_spki_sha256.substr(0, store::AccountId::kSize))
      .value_or(store::AccountId());
}

Identity::Identity(store::AccountId account_id, Certificate root,
                   std::shared_ptr<EVP_PKEY> root_key)
    : account_id_(account_id),
      root_(std::move(root)),
      root_key_(std::move(root_key)),
      root_spki_sha256_(root_.SpkiSha256()),
      generation_key_(GenerationKey(KeyToDer(root_key_.get()))) {}

absl::StatusOr<Identity> Identity::LoadOrCreate(store::Database& database,
                                                Randomness& randomness,
                                                WallTime now) {
  auto entry = database.Get(store::kAccountKey);
  if (!entry.ok()) return StoreRefusal(entry.status());
  auto record = *entry
                    ? store::Decode<store::v1::AccountRecord>((*entry)->value)
                    : Create(database, randomness, now);
  if (!record.ok()) return record.status();
  const auto account = store::AccountId::FromBytes(record->account_id());
  auto root = Certificate::FromDer(record->root_certificate());
  KeyPtr key = KeyFromDer(record->root_private_key());
  if (!account || !root.ok() || key == nullptr ||
      X509_check_private_key(root->get(), key.get()) != 1) {
    return absl::DataLossError(
        "the account's identity in the store is damaged; restore a backup of "
        "the data directory");
  }
  return Identity(*account, *std::move(root), std::move(key));
}

absl::StatusOr<Leaf> Identity::IssueLeaf(WallTime now) const {
  const WallTime begin = now - kLeafBackdating;
  const WallTime end = now + kLeafLife;
  const KeyPtr key = NewKey();
  const X509Ptr leaf =
      NewLeaf(account_id_, root_, root_key_.get(), key.get(), begin, end);
  return Leaf{
      .chain_pem = Certificate::Share(leaf.get()).ToPem() + root_.ToPem(),
      .private_key_pem = KeyToPem(key.get()),
      .not_before = begin,
      .not_after = end,
  };
}

}  // namespace interlink::federation
