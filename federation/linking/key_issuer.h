#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/counters.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/base/settings.h"
#include "federation/identity/identity.h"
#include "federation/ledger/ledger.h"
#include "federation/linking/authorization_key.h"

namespace interlink::federation {

// The issuer's half of linking (design.md section 5): generates authorization
// keys, shows them while they are pending, and ends them at their time.
// Redemptions decides who may use them.
//
// Threading: loop only. Lifetime: what is passed to the constructor must
// outlive it.
class KeyIssuer {
 public:
  KeyIssuer(const AccountSettings& settings, const Identity& identity,
            Ledger& ledger, EventLoop& loop, Randomness& randomness,
            Counters& counters);

  // Errors: as in interlink.proto.
  void GenerateKey(const api::GenerateKeyRequest& request,
                   Ledger::Done<api::GenerateKeyResponse> done);
  absl::StatusOr<api::ShowKeyResponse> ShowKey(
      const api::ShowKeyRequest& request) const;

 private:
  absl::StatusOr<AuthorizationKey> DecideToGenerate(
      const api::GenerateKeyRequest& request, Transaction& transaction) const;
  void ExpireKeys();
  // How many keys it expires.
  size_t AddExpired(Transaction& transaction) const;
  Duration NextExpiry() const;

  const AccountSettings& settings_;
  const Identity& identity_;
  Ledger& ledger_;
  EventLoop& loop_;
  Randomness& randomness_;
  Counters& counters_;
  std::unique_ptr<EventLoop::Timer> expiry_timer_;
};

}  // namespace interlink::federation
