#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "federation/base/reason.h"
#include "federation/identity/identity.h"
#include "federation/identity/proof.h"
#include "federation/ledger/row.h"
#include "federation/ledger/transaction.h"
#include "interlink/federation/v1/federation.pb.h"
#include "interlink/store/v1/records.pb.h"

// The key of a row: issued here, or entered here.
namespace interlink::federation {

// What a proof for a key that this account issued is bound to.
ProofContext OwnKeyContext(const Identity& identity, store::InterlinkId id);

// Whether the key of an issuer's row is past its time.
bool IsPast(const store::v1::InterlinkRecord& record, WallTime now);
absl::Status KeyExpiredRefusal();

// The record of `row` once it has FAILED, without its key.
store::v1::InterlinkRecord FailedRecord(const Row& row, Reason reason,
                                        std::string_view message);

// The key of a pending row is past its time, for good.
void ExpireKey(const Row& row, Transaction& transaction);

// Adds to `transaction` that the key of a PENDING row works no more.
void RevokeKey(const Row& row, std::string_view why, Transaction& transaction);
// The `why` of RevokeKey() when this store is an older copy of itself.
inline constexpr std::string_view kRestoredKey =
    "this account was restored from a backup, or a second daemon has its "
    "identity, so the key may have been used since; delete it and generate "
    "another";
inline constexpr std::string_view kUsedKey =
    "another account has proved that this key has linked it, so this store "
    "must be an older copy; delete the key and generate another";

// Ids of links that the other account has given up for the one it speaks of.
using ReplacedIds = google::protobuf::RepeatedPtrField<std::string>;

// The rows that were given up here for that link. The other account may not
// have heard so: the answer may be lost.
ReplacedIds ReplacedBy(const store::v1::InterlinkRecord& record);
// Notes that row `gone` was given up for the link `kept`.
void NoteReplaced(store::InterlinkId gone, store::v1::InterlinkRecord& kept);

// What ends the attempt of a LINKING row at the issuer, however late its Redeem
// comes. The redeem_id is empty if the row's key cannot be read.
v1::TerminateRequest CancelRequest(const Row& row);

// Whether `proof` shows that `redeemer` has redeemed the key of an issuer's
// row.
bool HasRedeemedProof(const Row& row, std::optional<store::AccountId> redeemer,
                      const std::string& proof);

// Proves to the issuer that this account has redeemed the row's key; empty if
// the key was not entered here.
std::string OwnRedeemedProof(const Identity& identity,
                             const store::v1::InterlinkRecord& record);

}  // namespace interlink::federation
