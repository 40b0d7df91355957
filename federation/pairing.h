#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/certificate.h"
#include "federation/context.h"
#include "federation/proof.h"
#include "federation/transaction.h"
#include "interlink/federation/v1/federation.pb.h"
#include "interlink/store/v1/records.pb.h"

// What both halves of linking and unlinking have in common.
namespace interlink::federation {

// The most removals that one Redeem carries, so that its commit stays within
// the limits of any engine.
inline constexpr int kMaxCarriedRemovals = 16;

Transaction Begin(const Context& context);

// What a proof for a key generated here is bound to.
ProofContext OwnKeyContext(const Context& context, store::InterlinkId id);

// Whether the key of an issuer's row is past its time.
bool IsPast(const store::v1::InterlinkRecord& record, WallTime now);
absl::Status KeyExpiredRefusal();

// What the other account says of itself, checked and made fit to be stored: at
// most four well-formed addresses, a name that can be shown, a contact that
// keeps the rules (else none).
store::v1::Peer PeerFrom(
    store::AccountId account, const std::string& root_der,
    const std::string& account_name,
    const google::protobuf::RepeatedPtrField<std::string>& addresses,
    const std::string& contact);

// The SHA-256 of the public key of the peer's first root; empty if it is not
// known.
std::string RootSpkiOf(const store::v1::Peer& peer);

// Whether the peer's id follows from its root, so that nobody else can have it.
bool IsProven(const store::v1::Peer& peer);

// The rows of the account of `row`, that row included, the oldest first. An
// account is its id and its root: an id that does not follow from a root can be
// claimed by somebody else, too.
std::vector<const Row*> RowsOfSameAccount(const Context& context,
                                          const Row& row);

// Adds to `transaction` that the key of a PENDING row is worth nothing any
// more.
void Void(const Row& row, std::string_view why, Transaction& transaction);
// Why, if this store is an older copy of itself.
inline constexpr std::string_view kRestoredKey =
    "this account was restored from a backup, and the key may have been used "
    "since; delete it and generate another";
inline constexpr std::string_view kUsedKey =
    "another account has proved that this key has linked it, so this store "
    "must be an older copy; delete the key and generate another";

// Whether the peer is pinned to that very root.
bool HasRoot(const store::v1::Peer& peer, const std::string& root_der);

// Whether that account has redeemed the key of an issuer's row: the holder of
// the key says so, by `proof`.
bool HasRedeemedProof(const Row& row, std::optional<store::AccountId> redeemer,
                      const std::string& proof);

// What proves to the issuer that this account has redeemed the row's key; empty
// of a row whose key was not entered here.
std::string OwnRedeemedProof(const Context& context,
                             const store::v1::InterlinkRecord& record);

// Who says that a link is over.
struct Terminator {
  // Whom it says to be. Counts only together with a proof.
  std::optional<store::AccountId> account;
  // Whether it is that pinned peer.
  std::function<bool(const store::v1::Peer&)> is_peer;
};

// Adds to `transaction` what a Terminate of the caller changes, if it concerns
// him: he is the row's pinned peer, or proves that he has, or has redeemed, its
// key. The row that it ends, or null.
const Row* ApplyTerminate(const Context& context, Transaction& transaction,
                          const v1::TerminateRequest& request,
                          const Terminator& caller);

// Adds to `transaction` that the row goes because its peer has deleted it, and
// has said so when asked: unlike who sends a Terminate, he does not hear of it
// unless he is told.
void BuryAsAnswered(const Context& context, const Row& row,
                    Transaction& transaction);

// Adds to `transaction` that the peer, who has deleted the row, is told until
// he has heard it that this is known here.
void Confirm(const Context& context, const Row& row, Transaction& transaction);

}  // namespace interlink::federation
