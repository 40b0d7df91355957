#pragma once

#include <map>
#include <string>

#include "federation/base/event_loop.h"
#include "federation/identity/peer_verification.h"

namespace interlink::federation {

// Callers that were found to be an account under a root, so that a call that is
// repeated costs no certificate work (design.md section 4).
//
// Threading: loop only.
class VerifiedCallers {
 public:
  // As VerifyPeer() for a client, of a root that its body brings: `root` must
  // be a self-signed root that the leaf chains to, `account` its account.
  absl::Status Check(const PresentedChain& chain, store::AccountId account,
                     const std::string& root_der, WallTime now);

 private:
  static constexpr size_t kMost = 1'000;

  // Until when it holds, by a hash of all three.
  std::map<std::string, WallTime> until_;
};

}  // namespace interlink::federation
