#include "federation/identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <utility>

#include "federation/proof.h"
#include "federation/reason.h"
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

// From OpenSSL's own generator: it hands out no raw bytes to make a key of.
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
  const auto account = randomness.NewId<store::AccountId>();
  const KeyPtr key = NewKey();
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
