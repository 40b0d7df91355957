#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "federation/identity/peer_verification.h"
#include "interlink/store/v1/records.pb.h"

namespace interlink::federation {

// Whom a stored link or removal expects at the other end.
inline PeerPin PinOf(const store::v1::Peer& peer) {
  return {
      .account_id = store::AccountId::FromBytes(peer.account_id())
                        .value_or(store::AccountId()),
      .roots = {peer.root_certificates().begin(),
                peer.root_certificates().end()},
      .root_spki_sha256 = peer.root_spki_sha256(),
  };
}

// Where to try the peer of a link or removal: the manual address, then the one
// at which it last proved to be itself, then those that it tells.
template <class Record>
std::vector<std::string> AddressesOf(const Record& record) {
  std::vector<std::string> addresses;
  const auto add = [&addresses](const std::string& address) {
    if (!address.empty() && std::find(addresses.begin(), addresses.end(),
                                      address) == addresses.end()) {
      addresses.push_back(address);
    }
  };
  add(record.manual_address());
  add(record.peer().good_address());
  for (const std::string& address : record.peer().addresses()) add(address);
  return addresses;
}

}  // namespace interlink::federation
