#include "federation/linking/link_key.h"

#include "federation/linking/authorization_key.h"
#include "store/records.h"

namespace interlink::federation {
namespace {

// Each adds an operation to the commit that ends the link, which has a bound.
constexpr int kMaxReplaced = 16;

}  // namespace

ProofContext OwnKeyContext(const Identity& identity, store::InterlinkId id) {
  return {.interlink_id = id,
          .issuer_account_id = identity.account_id(),
          .issuer_root_spki_sha256 = identity.root_spki_sha256()};
}

bool IsPast(const store::v1::InterlinkRecord& record, WallTime now) {
  return record.issued_key().has_expire_time() &&
         store::FromTimestamp(record.issued_key().expire_time()) <= now;
}

absl::Status KeyExpiredRefusal() {
  return Refusal(Reason::kKeyExpired,
                 "this key is past its time; ask for a new one");
}

store::v1::InterlinkRecord FailedRecord(const Row& row, Reason reason,
                                        std::string_view message) {
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_FAILED);
  if (record.has_issued_key()) record.mutable_issued_key()->clear_text();
  if (record.has_entered_key()) record.mutable_entered_key()->clear_key();
  record.mutable_failure()->set_reason(std::string(ReasonName(reason)));
  record.mutable_failure()->set_message(std::string(message));
  return record;
}

void ExpireKey(const Row& row, Transaction& transaction) {
  transaction.Update(
      row,
      FailedRecord(row, Reason::kKeyExpired,
                   "nobody entered this key in time; delete it and generate "
                   "another"));
  transaction.Tell("KEY_EXPIRED", kByDaemon, &row, "the key expired unused");
}

void RevokeKey(const Row& row, std::string_view why, Transaction& transaction) {
  transaction.Update(row, FailedRecord(row, Reason::kKeyRevoked, why));
  transaction.Tell("KEY_REVOKED", kByDaemon, &row, std::string(why));
}

ReplacedIds ReplacedBy(const store::v1::InterlinkRecord& record) {
  if (record.has_entered_key()) {
    return record.entered_key().replaced_interlink_ids();
  }
  v1::RedeemResponse answer;
  if (!answer.ParseFromString(record.issued_key().answer())) return {};
  return answer.replaced_interlink_ids();
}

void NoteReplaced(store::InterlinkId gone, store::v1::InterlinkRecord& kept) {
  const auto add = [&gone](ReplacedIds& ids) {
    if (ids.size() == kMaxReplaced) ids.erase(ids.begin());
    *ids.Add() = gone.ToBytes();
  };
  if (kept.has_entered_key()) {
    add(*kept.mutable_entered_key()->mutable_replaced_interlink_ids());
    return;
  }
  v1::RedeemResponse answer;
  if (kept.issued_key().answer().empty() ||
      !answer.ParseFromString(kept.issued_key().answer())) {
    return;
  }
  add(*answer.mutable_replaced_interlink_ids());
  kept.mutable_issued_key()->set_answer(answer.SerializeAsString());
}

v1::TerminateRequest CancelRequest(const Row& row) {
  v1::TerminateRequest request;
  request.set_interlink_id(row.id.ToBytes());
  const auto& entered = row.record.entered_key();
  const auto key = AuthorizationKey::FromBytes(entered.key());
  const auto redeem_id = store::RedeemId::FromBytes(entered.redeem_id());
  if (key.ok() && redeem_id) {
    request.set_redeem_id(entered.redeem_id());
    request.set_proof(
        CancelProof(ProofKey(key->secret), key->proof_context(), *redeem_id));
  }
  return request;
}

bool HasRedeemedProof(const Row& row, std::optional<store::AccountId> redeemer,
                      const std::string& proof) {
  // Computed for every row, because its time would tell which ids are keys.
  const std::string expected =
      RedeemedProof(row.record.issued_key().proof_key(), row.id,
                    redeemer.value_or(store::AccountId()));
  return SameProof(expected, proof) && redeemer && row.record.has_issued_key();
}

std::string OwnRedeemedProof(const Identity& identity,
                             const store::v1::InterlinkRecord& record) {
  const std::string& proof_key = record.entered_key().proof_key();
  const auto id = store::InterlinkId::FromBytes(record.id());
  if (proof_key.empty() || !id) return "";
  return RedeemedProof(proof_key, *id, identity.account_id());
}

}  // namespace interlink::federation
