#pragma once

#include <atomic>
#include <cstdint>

#include "federation/base/call_clock.h"
#include "federation/ledger/call_secrets.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// What this account tells the peer of each link of the calls that its PBX lets
// in (design.md section 16).
//
// Threading: any thread. Lifetime: the arguments must outlive it.
class OwnCallTerms {
 public:
  OwnCallTerms(const CallSecrets& secrets, const CallClock& clock)
      : secrets_(secrets), clock_(clock) {}

  void SetAsksForTokens(bool asks) { asks_for_tokens_ = asks; }

  v1::CallTerms For(store::InterlinkId id) const {
    v1::CallTerms terms;
    terms.set_admission(asks_for_tokens_ ? v1::CALL_ADMISSION_TOKEN
                                         : v1::CALL_ADMISSION_OPEN);
    terms.set_key(secrets_.KeyOf(id));
    terms.set_clock_milliseconds(ClockMilliseconds());
    return terms;
  }
  uint64_t ClockMilliseconds() const {
    return static_cast<uint64_t>(clock_.Now().count());
  }

 private:
  const CallSecrets& secrets_;
  const CallClock& clock_;
  std::atomic<bool> asks_for_tokens_ = false;
};

}  // namespace interlink::federation
