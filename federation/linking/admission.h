#pragma once

#include <string>

#include "absl/status/status.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/restoration.h"
#include "federation/linking/settlement.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// Decides about callers that LinkAccess does not know at once: their link is
// being made, is gone, or was never known here.
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class Admission {
 public:
  Admission(Ledger& ledger, Settlement& settlement, Restoration& restoration)
      : ledger_(ledger), settlement_(settlement), restoration_(restoration) {}

  // OK if the caller is the peer of a link that stands. A link that is being
  // made stands from now on, because the issuer's call is its answer. A key
  // that is still pending here is revoked if `redeemed_proof` shows that it has
  // linked the caller. All other callers get the same answer in the same time,
  // whether or not the id is known here. `replaced`: the links that the caller
  // has given up for this one. `done` may be called at once.
  void Decide(const PeerCaller& caller, const std::string& interlink_id,
              const std::string& redeemed_proof, const ReplacedIds& replaced,
              Decisions::Done done);

 private:
  // Decide() for a caller that has proved to be the row's peer.
  void DecideForPeer(const Row& row, const PeerCaller& caller,
                     const ReplacedIds& replaced, Decisions::Done done);
  // OK if that link stands.
  absl::Status CheckStands(store::InterlinkId id) const;

  Ledger& ledger_;
  Settlement& settlement_;
  Restoration& restoration_;
};

}  // namespace interlink::federation
