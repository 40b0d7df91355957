#include "federation/identity/identity.h"

#include <openssl/x509.h>

#include <utility>

#include "federation/base/reason.h"
#include "federation/identity/issued_certificates.h"
#include "federation/identity/proof.h"
#include "store/failpoint.h"
#include "store/records.h"

namespace interlink::federation {
namespace {

absl::StatusOr<store::v1::AccountRecord> Create(store::Database& database,
                                                Randomness& randomness,
                                                WallTime now) {
  const PrivateKey key = PrivateKey::NewFrom(randomness);
  const store::AccountId account = AccountIdOf(key.SpkiSha256());
  store::v1::AccountRecord record;
  record.set_account_id(account.ToBytes());
  record.set_root_certificate(NewRoot(account, key).ToDer());
  record.set_root_private_key(key.ToDer());
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
                   PrivateKey root_key)
    : account_id_(account_id),
      root_(std::move(root)),
      root_key_(std::move(root_key)),
      root_spki_sha256_(root_.SpkiSha256()),
      generation_key_(GenerationKey(root_key_.ToDer())) {}

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
  auto key = PrivateKey::FromDer(record->root_private_key());
  if (!account || !root.ok() || !key ||
      X509_check_private_key(root->get(), key->get()) != 1) {
    return absl::DataLossError(
        "the account's identity in the store is damaged; restore a backup of "
        "the data directory");
  }
  return Identity(*account, *std::move(root), *std::move(key));
}

absl::StatusOr<Leaf> Identity::IssueLeaf(WallTime now) const {
  const WallTime begin = now - kLeafBackdating;
  const WallTime end = now + kLeafLife;
  const PrivateKey key = PrivateKey::New();
  const Certificate leaf =
      NewLeaf(account_id_, root_, root_key_, key, begin, end);
  return Leaf{
      .chain_pem = leaf.ToPem() + root_.ToPem(),
      .root_pem = root_.ToPem(),
      .private_key_pem = key.ToPem(),
      .not_before = begin,
      .not_after = end,
  };
}

}  // namespace interlink::federation
