#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "federation/base/api.h"
#include "federation/base/durations.h"

namespace interlink::federation {

// What the PBX asked at one of its doors since the start, what came of it, and
// how long it took. A question counts each time that it is asked.
//
// Threading: thread-safe.
class DoorCounts {
 public:
  // Who knew the answer, and which it was: the labels of one count.
  struct Answer {
    const char* source;
    const char* outcome;
  };
  static constexpr std::array<Answer, 7> kLookups = {
      Answer{"local", "found"},       Answer{"peer", "found"},
      Answer{"peer", "stale"},        Answer{"none", "not_found"},
      Answer{"none", "never_remote"}, Answer{"none", "incomplete"},
      Answer{"none", "refused"}};
  static constexpr std::array<Answer, 8> kCalls = {
      Answer{"link", "admitted"},   Answer{"number", "admitted"},
      Answer{"none", "invalid"},    Answer{"none", "expired"},
      Answer{"none", "used"},       Answer{"none", "rate_limited"},
      Answer{"none", "not_shared"}, Answer{"none", "refused"}};

  void AddLookup(const absl::StatusOr<api::Resolution>& answer, Duration took);
  void AddCall(const absl::StatusOr<api::AuthorizeCallResponse>& answer,
               Duration took);

  uint64_t lookups(size_t answer) const { return lookups_[answer]; }
  uint64_t calls(size_t answer) const { return calls_[answer]; }
  const Durations& lookup_times() const { return lookup_times_; }
  const Durations& call_times() const { return call_times_; }

 private:
  std::array<std::atomic<uint64_t>, kLookups.size()> lookups_{};
  std::array<std::atomic<uint64_t>, kCalls.size()> calls_{};
  Durations lookup_times_;
  Durations call_times_;
};

}  // namespace interlink::federation
