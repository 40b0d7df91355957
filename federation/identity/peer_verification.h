#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "store/ids.h"

// Whether the other end of a connection is who it should be (design.md section
// 4).
namespace interlink::federation {

// Who is expected at the other end of a connection.
struct PeerPin {
  store::AccountId account_id;
  // The roots stored in the link, DER; a chain must end in one of these.
  std::vector<std::string> roots;
  // Only while there is no stored root: the hash in the authorization key. A
  // presented self-signed root with that public key is then taken.
  std::string root_spki_sha256;

  bool operator==(const PeerPin&) const = default;
};

// What a peer presented in the TLS handshake. `chain_pem` may contain the leaf
// too, and is empty after a TLS resumption.
struct PresentedChain {
  std::string leaf_pem;
  std::string chain_pem;
};

// The account that the leaf names, whether or not that is true.
std::optional<store::AccountId> NamedAccount(const PresentedChain& presented);

// On which side of the TLS connection the presenter is.
enum class TlsSide { kClient, kServer };

// How long before and after its validity a certificate is still taken, because
// the clocks of two accounts differ.
inline constexpr std::chrono::minutes kClockLeeway{5};

// Checks that `presented` belongs to the account `pin` names (design.md section
// 4): nothing presented is ever a trust anchor, but for the self-signed root
// that a key's hash names. Returns until when the result holds.
//
// Errors: PERMISSION_DENIED, with reason PEER_IDENTITY_MISMATCH if it is not
// that account's chain, or NOT_PERMITTED if only the dates are wrong; the
// message then says by how much the clocks differ.
absl::StatusOr<WallTime> VerifyPeer(const PeerPin& pin,
                                    const PresentedChain& presented,
                                    TlsSide side, WallTime now);

}  // namespace interlink::federation
