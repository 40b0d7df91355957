#include "federation/base/door_counts.h"

#include "federation/base/reason.h"

namespace interlink::federation {
namespace {

// Places in DoorCounts::kLookups.
enum LookupPlace : size_t {
  kLocal,
  kPeer,
  kStale,
  kNotFound,
  kNeverRemote,
  kIncomplete,
  kLookupRefused
};

LookupPlace PlaceOf(const absl::StatusOr<api::Resolution>& answer) {
  if (answer.ok()) {
    if (answer->source() == api::RESOLUTION_SOURCE_LOCAL) return kLocal;
    return answer->stale() ? kStale : kPeer;
  }
  switch (ReasonOf(answer.status()).value_or(Reason::kRequestInvalid)) {
    case Reason::kNumberNotFound:
      return HasMetadata(answer.status(), std::string(kNeverRemoteKey))
                 ? kNeverRemote
                 : kNotFound;
    case Reason::kLookupIncomplete:
      return kIncomplete;
    default:
      return kLookupRefused;
  }
}

// Places in DoorCounts::kCalls.
enum CallPlace : size_t {
  kByToken,
  kByNumber,
  kInvalid,
  kExpired,
  kUsed,
  kRateLimited,
  kNotShared,
  kCallRefused
};

CallPlace PlaceOf(const absl::StatusOr<api::AuthorizeCallResponse>& answer) {
  if (answer.ok()) return answer->interlink_id().empty() ? kByNumber : kByToken;
  switch (ReasonOf(answer.status()).value_or(Reason::kRequestInvalid)) {
    case Reason::kCallTokenInvalid:
      return kInvalid;
    case Reason::kCallTokenExpired:
      return kExpired;
    case Reason::kCallTokenUsed:
      return kUsed;
    case Reason::kRateLimited:
      return kRateLimited;
    case Reason::kNumberNotFound:
      return kNotShared;
    default:
      return kCallRefused;
  }
}

}  // namespace

void DoorCounts::AddLookup(const absl::StatusOr<api::Resolution>& answer,
                           Duration took) {
  ++lookups_[PlaceOf(answer)];
  lookup_times_.Add(took);
}

void DoorCounts::AddCall(
    const absl::StatusOr<api::AuthorizeCallResponse>& answer, Duration took) {
  ++calls_[PlaceOf(answer)];
  call_times_.Add(took);
}

}  // namespace interlink::federation
