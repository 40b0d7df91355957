#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/randomness.h"
#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/authorization_key.h"

namespace interlink::federation {

// Enters somebody else's key (design.md section 6, point 1): refuses at once
// what can never make a link, and makes a LINKING row for everything else.
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class KeyEntry {
 public:
  KeyEntry(const AccountSettings& settings, const Identity& identity,
           Ledger& ledger, Randomness& randomness)
      : settings_(settings),
        identity_(identity),
        ledger_(ledger),
        randomness_(randomness) {}

  using Done = Ledger::Done<store::InterlinkId>;

  // Gives the row of the attempt. The same key entered again under the same
  // name is the same attempt; a FAILED row of that name is replaced.
  // Errors: as of LinkAccount in interlink.proto, but for what the issuer says.
  void Enter(const api::LinkAccountRequest& request, Done done);

 private:
  absl::StatusOr<store::InterlinkId> Decide(
      const api::LinkAccountRequest& request, Transaction& transaction) const;
  absl::Status CheckEnterable(const AuthorizationKey& key,
                              const std::string& name) const;
  absl::Status CheckNotLinked(const AuthorizationKey& key) const;
  store::v1::InterlinkRecord NewRecord(const AuthorizationKey& key,
                                       const std::string& name) const;

  const AccountSettings& settings_;
  const Identity& identity_;
  Ledger& ledger_;
  Randomness& randomness_;
};

}  // namespace interlink::federation
