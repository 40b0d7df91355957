#pragma once

#include <map>
#include <optional>
#include <string>

#include "federation/identity/identity.h"
#include "federation/identity/peer_verification.h"

namespace interlink::testing {

// The identity of a simulated account, and the leaf that it shows. What takes
// as long as all else in a simulation is not done again while it is the same.
class SimulatedIdentity {
 public:
  // Reads it, or makes it, as at a start; with a new leaf.
  absl::Status Load(store::Database& database,
                    federation::Randomness& randomness,
                    federation::WallTime now);
  const federation::Identity& operator*() const { return *identity_; }

  // What it presents; renewed as the daemon does, at two thirds of its life.
  federation::PresentedChain Presented(federation::WallTime now);
  // How somebody takes it who expects that pin; `then` is what his clock shows.
  absl::Status Show(const federation::PeerPin& pin, federation::WallTime now,
                    federation::WallTime then);

 private:
  absl::Status Renew(federation::WallTime now);

  std::optional<federation::Identity> identity_;
  std::string record_;  // That it was read from.
  federation::Leaf leaf_;
  std::map<std::string, federation::WallTime> shown_;  // To whom, until when.
};

}  // namespace interlink::testing
