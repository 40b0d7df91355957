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
  // The roots that are stored for the link, DER. A chain must end in one of
  // them.
  std::vector<std::string> roots;
  // The hash in the authorization key. While no root is stored, a self-signed
  // root with this public key is accepted if the peer presents it.
  std::string root_spki_sha256;

  bool operator==(const PeerPin&) const = default;
};

// The certificates that a peer presented in the TLS handshake. `chain_pem` may
// contain the leaf, too, and is empty after a TLS resumption.
struct PresentedChain {
  std::string leaf_pem;
  std::string chain_pem;
};

// The account that the leaf claims to be of.
std::optional<store::AccountId> NamedAccount(const PresentedChain& presented);

// The side of the TLS connection on which the presenter is.
enum class TlsSide { kClient, kServer };

// A certificate is accepted for this long before and after its validity,
// because the clocks of two accounts differ.
inline constexpr std::chrono::minutes kClockLeeway{5};

// Checks that `presented` belongs to the account that `pin` names (design.md
// section 4). No presented certificate is ever a trust anchor, except for the
// self-signed root that a key's hash names. Returns until when the result
// holds.
//
// Errors: PEER_IDENTITY_MISMATCH if the chain is not that account's;
// NOT_PERMITTED if only the dates are wrong, with a message that says by how
// much the clocks differ.
absl::StatusOr<WallTime> VerifyPeer(const PeerPin& pin,
                                    const PresentedChain& presented,
                                    TlsSide side, WallTime now);

}  // namespace interlink::federation
