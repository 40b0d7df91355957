#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/ledger/context.h"
#include "interlink/store/v1/records.pb.h"

// What a row keeps of the other account.
namespace interlink::federation {

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

// Whether the peer is pinned to that very root.
bool HasRoot(const store::v1::Peer& peer, const std::string& root_der);

// The rows of the account of `row`, that row included, the oldest first. An
// account is its id and its root: an id that does not follow from a root can be
// claimed by somebody else, too.
std::vector<const Row*> RowsOfSameAccount(const Context& context,
                                          const Row& row);

// What a caller hears who is not the peer of the link that he names, whatever
// there is of it.
absl::Status LinkUnknownRefusal();

}  // namespace interlink::federation
