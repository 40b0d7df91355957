#pragma once

#include <string>

#include "absl/status/status.h"
#include "federation/ledger/context.h"
#include "federation/linking/key_redeemer.h"
#include "federation/linking/restoration.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// Decides about a caller whom LinkAccess does not know at once: his link is
// being made, is gone, or was never known here. Threading: loop only. Lifetime:
// what is passed to the constructor must outlive it.
class Admission {
 public:
  Admission(const Context& context, KeyRedeemer& redeemer,
            Restoration& restoration);

  // OK if the caller is the peer of a link that stands, which a link that is
  // being made does from here on: it takes the peer to call. A key that is
  // still pending here is void once `redeemed_proof` shows that it has linked
  // the caller. Strangers get one answer, in one time, whatever there is of an
  // id.
  absl::Status Decide(const PeerCaller& caller, const std::string& interlink_id,
                      const std::string& redeemed_proof);

 private:
  // The same of a caller that is the row's peer.
  absl::Status DecideForPeer(const Row& row, const PeerCaller& caller);
  absl::Status Count(absl::Status refusal) const;

  Context context_;
  KeyRedeemer& redeemer_;
  Restoration& restoration_;
};

}  // namespace interlink::federation
