#include "federation/pairing.h"

#include <algorithm>

#include "federation/authorization_key.h"
#include "federation/names.h"

namespace interlink::federation {
namespace {

constexpr int kMaxBurnt = 64;

bool HasCancelProof(const Context& context, const Row& row,
                    const v1::TerminateRequest& request) {
  const auto redeem_id = store::RedeemId::FromBytes(request.redeem_id());
  return redeem_id && row.record.has_issued_key() &&
         SameProof(CancelProof(row.record.issued_key().proof_key(),
                               OwnKeyContext(context, row.id), *redeem_id),
                   request.proof());
}

// A cancelled attempt must not make a link, however late its Redeem comes.
void Burn(const Row& row, const std::string& redeem_id,
          Transaction& transaction) {
  store::v1::InterlinkRecord record = row.record;
  store::v1::IssuedKey& key = *record.mutable_issued_key();
  const auto& burnt = key.burnt_redeem_ids();
  if (std::find(burnt.begin(), burnt.end(), redeem_id) != burnt.end()) return;
  if (burnt.size() >= kMaxBurnt) {
    // Nobody does this in good faith.
    Void(row,
         "this key was entered and cancelled too often; delete it and generate "
         "another",
         transaction);
    return;
  }
  key.add_burnt_redeem_ids(redeem_id);
  transaction.Update(row, record);
  transaction.Tell("ATTEMPT_CANCELLED", kByPeer, &row,
                   "the other account entered this key and then cancelled");
}

void BuryAsDeletedByPeer(const Row& row, Transaction& transaction) {
  transaction.Bury(row, store::v1::REMOVAL_CAUSE_DELETED_BY_PEER);
  transaction.Tell("DELETED_BY_PEER", kByPeer, &row,
                   "the other account deleted this interlink");
}

}  // namespace

Transaction Begin(const Context& context) {
  return {context.database, context.events, context.generation,
          context.loop.WallNow()};
}

ProofContext OwnKeyContext(const Context& context, store::InterlinkId id) {
  return {.interlink_id = id,
          .issuer_account_id = context.identity.account_id(),
          .issuer_root_spki_sha256 = context.identity.root_spki_sha256()};
}

bool IsPast(const store::v1::InterlinkRecord& record, WallTime now) {
  return record.issued_key().has_expire_time() &&
         store::FromTimestamp(record.issued_key().expire_time()) <= now;
}

absl::Status KeyExpiredRefusal() {
  return Refusal(Reason::kKeyExpired,
                 "this key is past its time; ask for a new one");
}

store::v1::Peer PeerFrom(
    store::AccountId account, const std::string& root_der,
    const std::string& account_name,
    const google::protobuf::RepeatedPtrField<std::string>& addresses,
    const std::string& contact) {
  store::v1::Peer peer;
  peer.set_account_id(account.ToBytes());
  peer.set_account_name(ShownName(account_name));
  peer.add_root_certificates(root_der);
  for (const std::string& address : addresses) {
    if (peer.addresses_size() ==
        static_cast<int>(AuthorizationKey::kMaxAddresses)) {
      break;
    }
    if (CheckPeerAddress(address).ok()) peer.add_addresses(address);
  }
  if (ContactTemplate::Parse(contact).ok()) peer.set_contact(contact);
  return peer;
}

std::string RootSpkiOf(const store::v1::Peer& peer) {
  if (!peer.root_spki_sha256().empty()) return peer.root_spki_sha256();
  if (peer.root_certificates().empty()) return "";
  auto root = Certificate::FromDer(peer.root_certificates(0));
  return root.ok() ? root->SpkiSha256() : "";
}

bool IsProven(const store::v1::Peer& peer) {
  return AccountIdOf(RootSpkiOf(peer)).ToBytes() == peer.account_id();
}

std::vector<const Row*> RowsOfSameAccount(const Context& context,
                                          const Row& row) {
  const std::string root = RootSpkiOf(row.record.peer());
  std::vector<const Row*> rows = context.interlinks.WithPeer(row.peer());
  std::erase_if(rows, [&](const Row* other) {
    return RootSpkiOf(other->record.peer()) != root;
  });
  return rows;
}

void Void(const Row& row, std::string_view why, Transaction& transaction) {
  store::v1::InterlinkRecord record = row.record;
  record.set_state(store::v1::ROW_STATE_FAILED);
  record.mutable_issued_key()->clear_text();
  record.mutable_failure()->set_reason(
      std::string(ReasonName(Reason::kKeyRevoked)));
  record.mutable_failure()->set_message(std::string(why));
  transaction.Update(row, record);
  transaction.Tell("KEY_REVOKED", kByDaemon, &row, std::string(why));
}

bool HasRoot(const store::v1::Peer& peer, const std::string& root_der) {
  const auto& roots = peer.root_certificates();
  return std::find(roots.begin(), roots.end(), root_der) != roots.end();
}

bool HasRedeemedProof(const Row& row, std::optional<store::AccountId> redeemer,
                      const std::string& proof) {
  // Computed for every row, because its time would tell which ids are keys.
  const std::string expected =
      RedeemedProof(row.record.issued_key().proof_key(), row.id,
                    redeemer.value_or(store::AccountId()));
  return SameProof(expected, proof) && redeemer && row.record.has_issued_key();
}

std::string OwnRedeemedProof(const Context& context,
                             const store::v1::InterlinkRecord& record) {
  const std::string& proof_key = record.entered_key().proof_key();
  const auto id = store::InterlinkId::FromBytes(record.id());
  if (proof_key.empty() || !id) return "";
  return RedeemedProof(proof_key, *id, context.identity.account_id());
}

const Row* ApplyTerminate(const Context& context, Transaction& transaction,
                          const v1::TerminateRequest& request,
                          const Terminator& caller) {
  const auto id = store::InterlinkId::FromBytes(request.interlink_id());
  const Row* row = id ? context.interlinks.Find(*id) : nullptr;
  if (row == nullptr || transaction.Touches(row->id)) return nullptr;
  const bool is_cancel = !request.redeem_id().empty();
  bool ends = false;
  switch (row->record.state()) {
    case store::v1::ROW_STATE_PENDING:
      if (HasCancelProof(context, *row, request)) {
        Burn(*row, request.redeem_id(), transaction);
      } else if (!is_cancel && HasRedeemedProof(*row, caller.account,
                                                request.redeemed_proof())) {
        // To the caller it was a link, which this store has forgotten.
        Void(*row, kUsedKey, transaction);
      }
      return nullptr;
    case store::v1::ROW_STATE_ESTABLISHED:
      // A cancel ends the link only if it is that attempt which made it.
      ends = is_cancel ? request.redeem_id() ==
                                 row->record.issued_key().redeem_id() &&
                             (caller.is_peer(row->record.peer()) ||
                              HasCancelProof(context, *row, request))
                       : caller.is_peer(row->record.peer());
      break;
    case store::v1::ROW_STATE_LINKING:
      ends = !is_cancel && caller.is_peer(row->record.peer());
      break;
    default:
      return nullptr;
  }
  if (!ends) return nullptr;
  BuryAsDeletedByPeer(*row, transaction);
  return row;
}

void BuryAsAnswered(const Context& context, const Row& row,
                    Transaction& transaction) {
  BuryAsDeletedByPeer(row, transaction);
  Confirm(context, row, transaction);
}

void Confirm(const Context& context, const Row& row, Transaction& transaction) {
  store::v1::OutboxRecord confirmation;
  confirmation.set_interlink_id(row.id.ToBytes());
  *confirmation.mutable_peer() = row.record.peer();
  confirmation.set_manual_address(row.record.manual_address());
  *confirmation.mutable_create_time() =
      store::ToTimestamp(context.loop.WallNow());
  confirmation.set_confirms(true);
  confirmation.set_redeemed_proof(OwnRedeemedProof(context, row.record));
  transaction.PutOutbox(confirmation);
}

}  // namespace interlink::federation
