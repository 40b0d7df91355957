#include "federation/key_issuer.h"

#include <algorithm>
#include <utility>

#include "federation/authorization_key.h"
#include "federation/pairing.h"
#include "federation/pins.h"
#include "federation/proof.h"
#include "federation/reach.h"
#include "federation/reason.h"

namespace interlink::federation {
namespace {

// At least this often, because a wall clock can be set.
constexpr std::chrono::seconds kExpiryInterval{60};
constexpr size_t kSecretBytes = 32;

// The life of a new key, nullopt for one without end.
absl::StatusOr<std::optional<std::chrono::seconds>> KeyLife(
    const api::GenerateKeyRequest& request) {
  if (!request.has_expires_in()) return kDefaultKeyLife;
  const std::chrono::seconds life(request.expires_in().seconds());
  if (life.count() == 0 && request.expires_in().nanos() == 0) {
    return std::nullopt;
  }
  if (life < kMinKeyLife || life > kMaxKeyLife) {
    return Refusal(Reason::kRequestInvalid,
                   "a key lives 5 minutes to 90 days, or for ever");
  }
  return life;
}

}  // namespace

KeyIssuer::KeyIssuer(const Context& context)
    : context_(context),
      dummy_proof_key_(context.randomness.Bytes(kSecretBytes)),
      limiter_(context.settings.redeem_limit,
               context.settings.redeem_limit_total),
      event_budget_(context.loop, 1.0 / 60, 10) {
  ExpireKeys();
}

absl::StatusOr<api::GenerateKeyResponse> KeyIssuer::GenerateKey(
    const api::GenerateKeyRequest& request) {
  auto name = context_.interlinks.CheckName(request.name(), nullptr);
  if (!name.ok()) return name.status();
  auto life = KeyLife(request);
  if (!life.ok()) return life.status();
  if (context_.settings.addresses.empty()) {
    return Refusal(Reason::kNoAddress,
                   "this daemon has no address that the other account could "
                   "reach: it runs with --advertise none, or this machine has "
                   "no network yet; let the other account generate the key");
  }
  if (context_.interlinks.rows().size() >=
      static_cast<size_t>(context_.settings.max_interlinks)) {
    return Refusal(Reason::kLimitReached,
                   "this account has as many interlinks as it may have; delete "
                   "one first");
  }
  const WallTime now = context_.loop.WallNow();
  AuthorizationKey key;
  key.interlink_id = context_.randomness.NewId<store::InterlinkId>();
  key.secret = context_.randomness.Bytes(kSecretBytes);
  key.issuer_account_id = context_.identity.account_id();
  key.issuer_root_spki_sha256 = context_.identity.root_spki_sha256();
  key.addresses = context_.settings.addresses;
  if (*life) key.expire_time = now + **life;

  api::GenerateKeyResponse response;
  response.set_key(key.ToText());
  store::v1::InterlinkRecord record;
  record.set_id(key.interlink_id.ToBytes());
  record.set_name(*std::move(name));
  record.set_state(store::v1::ROW_STATE_PENDING);
  record.set_priority(kDefaultPriority);
  *record.mutable_create_time() = store::ToTimestamp(now);
  record.mutable_issued_key()->set_text(response.key());
  record.mutable_issued_key()->set_proof_key(ProofKey(key.secret));
  if (key.expire_time) {
    *record.mutable_issued_key()->mutable_expire_time() =
        store::ToTimestamp(*key.expire_time);
  }
  Transaction transaction = Begin(context_);
  transaction.Insert(record);
  transaction.Tell("KEY_GENERATED", kByAdministrator, record,
                   "a key was generated");
  if (auto status = transaction.Commit(); !status.ok()) return status;
  ++context_.counters.keys_generated;
  *response.mutable_interlink() =
      Interlinks::Show(*context_.interlinks.Find(key.interlink_id));
  for (std::string& warning : ReachWarnings(context_.settings)) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

absl::StatusOr<api::ShowKeyResponse> KeyIssuer::ShowKey(
    const api::ShowKeyRequest& request) const {
  auto id = ParseInterlinkId(request.id());
  if (!id.ok()) return id.status();
  const Row* row = context_.interlinks.Find(*id);
  if (row == nullptr) {
    return Refusal(Reason::kLinkNotFound,
                   "there is no listed interlink with this id");
  }
  if (row->Is(store::v1::ROW_STATE_PENDING)) {
    if (IsPast(row->record, context_.loop.WallNow()))
      return KeyExpiredRefusal();
    api::ShowKeyResponse response;
    response.set_key(row->record.issued_key().text());
    return response;
  }
  return Refusal(Reason::kKeyNotPending,
                 "only a key that was generated here and not used yet can be "
                 "shown; generate another");
}

void KeyIssuer::ExpireKeys() {
  const WallTime now = context_.loop.WallNow();
  WallTime next = now + kExpiryInterval;
  std::vector<store::InterlinkId> past;
  for (const auto& [id, row] : context_.interlinks.rows()) {
    if (!row.Is(store::v1::ROW_STATE_PENDING)) continue;
    if (IsPast(row.record, now)) {
      past.push_back(id);
    } else if (row.record.issued_key().has_expire_time()) {
      next = std::min(
          next, store::FromTimestamp(row.record.issued_key().expire_time()));
    }
  }
  for (store::InterlinkId id : past) {
    // Tried again at the next round if the store refuses.
    if (!Expire(*context_.interlinks.Find(id)).ok()) break;
  }
  expiry_timer_ = context_.loop.After(next - now, [this] { ExpireKeys(); });
}

absl::Status KeyIssuer::Expire(const Row& row) {
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_FAILED);
  record.mutable_issued_key()->clear_text();
  record.mutable_failure()->set_reason(
      std::string(ReasonName(Reason::kKeyExpired)));
  record.mutable_failure()->set_message(
      "nobody entered this key in time; delete it and generate another");
  Transaction transaction = Begin(context_);
  transaction.Update(row, record);
  transaction.Tell("KEY_EXPIRED", kByDaemon, &row, "the key expired unused");
  return transaction.Commit();
}

}  // namespace interlink::federation
