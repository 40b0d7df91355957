#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "federation/base/event_loop.h"
#include "federation/base/randomness.h"
#include "federation/identity/certificate.h"
#include "federation/identity/private_key.h"
#include "store/database.h"
#include "store/ids.h"

namespace interlink::federation {

// The short-lived certificate, signed by the account's root, that this account
// presents in TLS.
struct Leaf {
  std::string chain_pem;  // The leaf, then the root.
  std::string root_pem;
  std::string private_key_pem;
  WallTime not_before;
  WallTime not_after;
};

// The id of an account whose first root has a public key with this SHA-256: the
// first 16 bytes of the hash, so that nobody can claim another's id (design.md
// section 4). Accounts that are older than this rule have random ids.
store::AccountId AccountIdOf(std::string_view root_spki_sha256);

// What identifies this account to its peers: an id and a CA of its own, made at
// the first start and kept in the store for good (design.md section 4).
//
// A value, safe to read from any thread.
class Identity {
 public:
  static constexpr std::chrono::hours kLeafLife{30 * 24};
  static constexpr std::chrono::hours kLeafBackdating{1};

  // Reads the account record, or makes one and commits it.
  // Errors: STORE_UNAVAILABLE; DATA_LOSS if the stored root is damaged.
  static absl::StatusOr<Identity> LoadOrCreate(store::Database& database,
                                               Randomness& randomness,
                                               WallTime now);

  store::AccountId account_id() const { return account_id_; }
  const Certificate& root() const { return root_; }
  const std::string& root_spki_sha256() const { return root_spki_sha256_; }
  // See GenerationKey(). A secret.
  const std::string& generation_key() const { return generation_key_; }

  // A new leaf with a new key, valid from an hour before `now` for 30 days,
  // with the SANs URI:interlink://account/<id> and DNS:<id>.interlink.internal.
  // To be renewed after two thirds of its life; peers need not be told.
  absl::StatusOr<Leaf> IssueLeaf(WallTime now) const;

 private:
  Identity(store::AccountId account_id, Certificate root, PrivateKey root_key);

  store::AccountId account_id_;
  Certificate root_;
  PrivateKey root_key_;
  std::string root_spki_sha256_;
  std::string generation_key_;
};

}  // namespace interlink::federation
