#pragma once

#include <map>
#include <string>

#include "federation/base/event_loop.h"
#include "federation/identity/peer_verification.h"

namespace interlink::federation {

// Remembers which callers were verified to be an account under a root, so that
// a repeated call costs no certificate work (design.md section 4).
//
// Threading: loop only.
class VerifiedCallers {
 public:
  // Checks, as VerifyPeer() for a client, that the caller is `account` and that
  // its leaf leads to `root_der`, the self-signed root in the body of its call.
  absl::Status Check(const PresentedChain& chain, store::AccountId account,
                     const std::string& root_der, WallTime now);

 private:
  static constexpr size_t kMost = 1'000;

  // Until when a caller stays verified, by a hash of its leaf, its account and
  // the root.
  std::map<std::string, WallTime> until_;
};

}  // namespace interlink::federation
