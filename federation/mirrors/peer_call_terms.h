#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "federation/base/event_loop.h"
#include "interlink/federation/v1/federation.pb.h"
#include "store/ids.h"

namespace interlink::federation {

// Whether calls need a token. A kind of admission that this version does not
// know is taken for the stricter one that it knows: tokens are taken under all.
inline bool AsksForTokens(const v1::CallTerms& terms) {
  return terms.admission() != v1::CALL_ADMISSION_UNSPECIFIED &&
         terms.admission() != v1::CALL_ADMISSION_OPEN;
}

// The key and the clock by which the call tokens of each link are made, as its
// peer has told them (design.md section 16). In memory only; the keys are
// secrets and are never logged.
//
// A peer may tell anything. A key of another length than 32 bytes takes the
// place of a good one and lets no token be made; a clock beyond the seconds of
// a token is ignored. Threading: Of() from any thread; the rest loop only.
// Lifetime: `loop` must outlive it.
class PeerCallTerms {
 public:
  // What a token is made with now.
  struct Terms {
    std::string key;
    uint32_t clock;  // Seconds of the peer's call clock.
  };

  explicit PeerCallTerms(const EventLoop& loop) : loop_(loop) {}

  // What is heard is kept for these links only.
  void AddLink(store::InterlinkId id);
  void RemoveLink(store::InterlinkId id);

  // `round_trip`: of the question that this answers; nullopt if there was none,
  // so that nobody knows how old the clock in it is.
  void Heard(store::InterlinkId id, const v1::CallTerms& terms,
             std::optional<Duration> round_trip);
  void HeardClock(store::InterlinkId id, uint64_t told, Duration round_trip);

  // nullopt without a key or a clock.
  std::optional<Terms> Of(store::InterlinkId id) const;

 private:
  struct Link {
    std::string key;  // Empty until it is told.
    // The peer's clock less this machine's time since boot.
    std::optional<std::chrono::milliseconds> ahead;
  };

  std::chrono::milliseconds SinceBoot() const {
    return std::chrono::floor<std::chrono::milliseconds>(loop_.SinceBoot());
  }

  const EventLoop& loop_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<store::InterlinkId, Link> links_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interlink::federation
