#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace interlink::federation {

// Why something was refused: the machine-readable half of every error
// (design.md section 12). Each reason has one status code.
enum class Reason {
  kKeyDamaged,
  kSelfLink,
  kNameInvalid,
  kNumberInvalid,
  kContactInvalid,
  kRequestInvalid,  // A field that has no reason of its own.
  kKeyVersion,
  kInvalidKey,
  kNotPermitted,
  kCallTokenInvalid,
  kCallTokenExpired,
  kCallTokenUsed,
  kKeyExpired,
  kKeyRevoked,
  kKeyAlreadyUsed,
  kKeyNotPending,
  kPeerIdentityMismatch,
  kProtocolVersion,
  kLinkTerminated,
  kLinkPaused,
  kNoAddress,
  kAlreadyLinked,
  kNameTaken,
  kNumberTaken,
  kLinkNotFound,
  kLinkUnknown,
  kNumberNotFound,
  kPeerUnreachable,
  kLookupIncomplete,
  kStoreUnavailable,
  kRateLimited,
  kLimitReached,
};
inline constexpr size_t kReasonCount =
    static_cast<size_t>(Reason::kLimitReached) + 1;

// "KEY_DAMAGED" and so on.
std::string_view ReasonName(Reason reason);
absl::StatusCode ReasonCode(Reason reason);
// nullopt for an unknown name, such as one of a later version.
std::optional<Reason> ReasonNamed(std::string_view name);

// An error with this reason's code, the message "REASON: sentence", and a
// serialized google.rpc.ErrorInfo as payload. `sentence` is for an
// administrator: what, which, and the next step; no secret.
absl::Status Refusal(Reason reason, std::string_view sentence);

// Adds an entry to the ErrorInfo of a Refusal(), for programs to read.
absl::Status WithMetadata(absl::Status refusal, const std::string& key,
                          std::string value);

// Whether WithMetadata() has added such an entry.
bool HasMetadata(const absl::Status& refusal, const std::string& key);
// The key of a number that is never looked for at linked accounts.
inline constexpr std::string_view kNeverRemoteKey = "never_remote";

// Adds a google.rpc.RetryInfo.
absl::Status RetryAfter(absl::Status status, std::chrono::milliseconds delay);

// The reason of an error made by Refusal(), here or at a peer; nullopt for OK
// and for errors of other origin.
std::optional<Reason> ReasonOf(const absl::Status& status);

// The sentence without "REASON: ".
std::string_view SentenceOf(const absl::Status& status);

// Any error of the store as an API error: STORE_UNAVAILABLE.
absl::Status StoreRefusal(const absl::Status& status);

// Payload type URLs; a payload is carried unchanged as a detail of
// google.rpc.Status.
inline constexpr std::string_view kErrorInfoUrl =
    "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr std::string_view kRetryInfoUrl =
    "type.googleapis.com/google.rpc.RetryInfo";
inline constexpr std::string_view kErrorDomain = "interlink";

}  // namespace interlink::federation
