#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/call_clock.h"
#include "federation/base/randomness.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/records.h"

namespace interlink::federation {

// The secret in the account's record from which the keys of call tokens are
// derived, one for each link (design.md section 16). The secret before it is
// kept too, for the tokens that were made with it.
//
// Threading: KeyOf() and FormerKeyOf() from any thread; the rest loop only.
// Lifetime: the arguments of Open() must outlive it.
class CallSecrets {
 public:
  // Reads the account's record; makes a secret if there is none.
  // Errors: STORE_UNAVAILABLE; DATA_LOSS without a record.
  static absl::StatusOr<std::unique_ptr<CallSecrets>> Open(
      store::Database& database, Randomness& randomness,
      const CallClock& clock);

  // The op that puts a new secret in force. Errors: STORE_UNAVAILABLE.
  absl::StatusOr<store::Op> Renewed() const;

  // What the call tokens of that link are made with. Kept in memory for links
  // that stand, because deriving it takes a while.
  std::string KeyOf(store::InterlinkId id) const;
  // The same by the secret before; empty unless the secret was renewed less
  // than `life` ago.
  std::string FormerKeyOf(store::InterlinkId id,
                          std::chrono::milliseconds life) const;
  // The link stands, or is gone.
  void Remember(store::InterlinkId id);
  void Forget(store::InterlinkId id);
  size_t kept() const;  // Keys.

 private:
  CallSecrets(store::Database& database, Randomness& randomness,
              const CallClock& clock)
      : database_(database), randomness_(randomness), clock_(clock) {}
  absl::Status Load();
  void Apply(const store::v1::AccountRecord& record);

  store::Database& database_;
  Randomness& randomness_;
  const CallClock& clock_;
  mutable absl::Mutex mutex_;
  std::string secret_ ABSL_GUARDED_BY(mutex_);
  std::string former_ ABSL_GUARDED_BY(mutex_);  // Empty if there is none.
  std::chrono::milliseconds renewed_ ABSL_GUARDED_BY(mutex_){};
  // Of the links that stand.
  absl::flat_hash_map<store::InterlinkId, std::string> keys_
      ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<store::Database::Subscription> subscription_;
};

}  // namespace interlink::federation
