#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "federation/ledger/interlinks.h"
#include "interlink/store/v1/records.pb.h"

// What a row keeps of the other account.
namespace interlink::federation {

// What the other account says of itself, made fit to be stored: at most four
// well-formed addresses, a name that can be shown, and the contact if it keeps
// the rules.
store::v1::Peer PeerFrom(
    store::AccountId account, const std::string& root_der,
    const std::string& account_name,
    const google::protobuf::RepeatedPtrField<std::string>& addresses,
    const std::string& contact);

// The SHA-256 of the public key of the peer's first root; empty if that root is
// unknown.
std::string RootSpkiOf(const store::v1::Peer& peer);

// Whether the peer's id follows from its root, so that no other account can
// have the id.
bool IsProven(const store::v1::Peer& peer);

// The contact that calls follow: the one announced last, else the one of the
// linking.
const std::string& ContactOf(const store::v1::Peer& peer);

// Whether `root_der` is one of the roots that the peer is pinned to; while only
// the hash of a key is known, whether it has that key.
bool HasRoot(const store::v1::Peer& peer, const std::string& root_der);

// The established links with the peer of `row`, the oldest first. A peer is the
// same if its id and its root are: somebody else can claim an id that does not
// follow from a root.
std::vector<const Row*> LinksWithAccountOf(const Interlinks& interlinks,
                                           const Row& row);

// The answer to a caller that is not the peer of the link that it names,
// whether or not there is such a link.
absl::Status LinkUnknownRefusal();

}  // namespace interlink::federation
