#pragma once

#include <string>
#include <vector>

#include "federation/certificate.h"
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

// Where to try a peer, the manual address first.
inline std::vector<std::string> AddressesOf(const store::v1::Peer& peer,
                                            const std::string& manual) {
  std::vector<std::string> addresses;
  if (!manual.empty()) addresses.push_back(manual);
  for (const std::string& address : peer.addresses()) {
    if (address != manual) addresses.push_back(address);
  }
  return addresses;
}

}  // namespace interlink::federation
