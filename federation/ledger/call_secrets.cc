#include "federation/ledger/call_secrets.h"

#include <utility>

#include "federation/base/reason.h"
#include "federation/base/reread.h"
#include "federation/base/stored_record.h"
#include "federation/identity/proof.h"

namespace interlink::federation {
namespace {

absl::StatusOr<store::v1::AccountRecord> ReadAccount(
    const store::Database& database) {
  auto record =
      ReadRecord<store::v1::AccountRecord>(database, store::kAccountKey);
  if (!record.ok()) return record.status();
  if (!*record) {
    return absl::DataLossError(
        "the account's identity is not in the store any more; restore a backup "
        "of the data directory");
  }
  return **std::move(record);
}

store::Op Written(const store::v1::AccountRecord& record) {
  return store::Op::Put(std::string(store::kAccountKey), store::Encode(record));
}

}  // namespace

absl::StatusOr<std::unique_ptr<CallSecrets>> CallSecrets::Open(
    store::Database& database, Randomness& randomness, const CallClock& clock) {
  auto record = ReadAccount(database);
  if (!record.ok()) return record.status();
  if (record->call_secret().size() != kCallKeyBytes) {
    record->set_call_secret(randomness.Bytes(kCallKeyBytes));
    auto revision = database.Commit({}, {Written(*record)});
    if (!revision.ok()) return StoreRefusal(revision.status());
  }
  std::unique_ptr<CallSecrets> opened(
      new CallSecrets(database, randomness, clock));
  opened->subscription_ = database.Follow(
      std::string(store::kAccountKey),
      {.on_commit =
           [secrets = opened.get()](store::Revision, const auto& changes) {
             if (!changes[0].value) return;
             auto changed =
                 store::Decode<store::v1::AccountRecord>(*changes[0].value);
             // Checked when it was written.
             if (changed.ok()) secrets->Apply(*changed);
           },
       .on_reset = [secrets = opened.get()] { CheckReread(secrets->Load()); }});
  opened->Apply(*record);
  return opened;
}

absl::Status CallSecrets::Load() {
  auto record = ReadAccount(database_);
  if (record.ok()) Apply(*record);
  return record.status();
}

void CallSecrets::Apply(const store::v1::AccountRecord& record) {
  // Derived outside of the lock, which calls wait for; the loop alone adds and
  // removes keys.
  absl::flat_hash_map<store::InterlinkId, std::string> keys;
  {
    absl::ReaderMutexLock lock(&mutex_);
    keys = keys_;
  }
  for (auto& [id, key] : keys) key = CallKey(record.call_secret(), id);
  absl::MutexLock lock(&mutex_);
  secret_ = record.call_secret();
  former_ = record.former_call_secret();
  renewed_ = std::chrono::floor<std::chrono::milliseconds>(
      store::FromTimestamp(record.call_secret_time()).time_since_epoch());
  keys_.swap(keys);
}

absl::StatusOr<store::Op> CallSecrets::Renewed() const {
  auto record = ReadAccount(database_);
  if (!record.ok()) return record.status();
  record->set_former_call_secret(record->call_secret());
  record->set_call_secret(randomness_.Bytes(kCallKeyBytes));
  *record->mutable_call_secret_time() =
      store::ToTimestamp(WallTime(clock_.Now()));
  return Written(*record);
}

std::string CallSecrets::KeyOf(store::InterlinkId id) const {
  std::string secret;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto known = keys_.find(id);
    if (known != keys_.end()) return known->second;
    secret = secret_;
  }
  return CallKey(secret, id);
}

std::string CallSecrets::FormerKeyOf(store::InterlinkId id,
                                     std::chrono::milliseconds life) const {
  std::string former;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto age = clock_.Now() - renewed_;
    if (former_.size() != kCallKeyBytes || age > life || age < -life) return "";
    former = former_;
  }
  return CallKey(former, id);
}

void CallSecrets::Remember(store::InterlinkId id) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (keys_.contains(id)) return;
  }
  std::string key = KeyOf(id);
  absl::MutexLock lock(&mutex_);
  // The loop alone changes the secret, so it is the same still.
  keys_.try_emplace(id, std::move(key));
}

void CallSecrets::Forget(store::InterlinkId id) {
  absl::MutexLock lock(&mutex_);
  keys_.erase(id);
}

size_t CallSecrets::kept() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_.size();
}

}  // namespace interlink::federation
