#include "federation/ledger/peer_record.h"

#include <algorithm>

#include "federation/base/address.h"
#include "federation/base/contact_template.h"
#include "federation/base/names.h"
#include "federation/base/reason.h"
#include "federation/identity/certificate.h"
#include "federation/identity/identity.h"

namespace interlink::federation {

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
    if (peer.addresses_size() == static_cast<int>(kMaxPeerAddresses)) {
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

const std::string& ContactOf(const store::v1::Peer& peer) {
  return peer.announced_contact().empty() ? peer.contact()
                                          : peer.announced_contact();
}

bool HasRoot(const store::v1::Peer& peer, const std::string& root_der) {
  const auto& roots = peer.root_certificates();
  if (!roots.empty()) {
    return std::find(roots.begin(), roots.end(), root_der) != roots.end();
  }
  const auto root = Certificate::FromDer(root_der);
  return root.ok() && !peer.root_spki_sha256().empty() &&
         root->SpkiSha256() == peer.root_spki_sha256();
}

std::vector<const Row*> LinksWithAccountOf(const Interlinks& interlinks,
                                           const Row& row) {
  const std::string root = RootSpkiOf(row.record.peer());
  std::vector<const Row*> rows = interlinks.WithPeer(row.peer());
  std::erase_if(rows, [&](const Row* other) {
    return !other->Is(store::v1::ROW_STATE_ESTABLISHED) ||
           RootSpkiOf(other->record.peer()) != root;
  });
  return rows;
}

absl::Status LinkUnknownRefusal() {
  return Refusal(Reason::kLinkUnknown,
                 "this account has no such interlink with the caller; if there "
                 "was one, delete it and exchange a new key");
}

}  // namespace interlink::federation
