#include "federation/base/reason.h"

#include <array>

#include "absl/strings/cord.h"
#include "google/protobuf/util/time_util.h"
#include "google/rpc/error.pb.h"

namespace interlink::federation {
namespace {

struct ReasonRow {
  Reason reason;
  std::string_view name;
  absl::StatusCode code;
};

using enum absl::StatusCode;

// In the order of the enumeration.
constexpr std::array kReasons = {
    ReasonRow{Reason::kKeyDamaged, "KEY_DAMAGED", kInvalidArgument},
    ReasonRow{Reason::kSelfLink, "SELF_LINK", kInvalidArgument},
    ReasonRow{Reason::kNameInvalid, "NAME_INVALID", kInvalidArgument},
    ReasonRow{Reason::kNumberInvalid, "NUMBER_INVALID", kInvalidArgument},
    ReasonRow{Reason::kContactInvalid, "CONTACT_INVALID", kInvalidArgument},
    ReasonRow{Reason::kRequestInvalid, "REQUEST_INVALID", kInvalidArgument},
    ReasonRow{Reason::kKeyVersion, "KEY_VERSION", kUnimplemented},
    ReasonRow{Reason::kInvalidKey, "INVALID_KEY", kPermissionDenied},
    ReasonRow{Reason::kNotPermitted, "NOT_PERMITTED", kPermissionDenied},
    ReasonRow{Reason::kCallTokenInvalid, "CALL_TOKEN_INVALID",
              kPermissionDenied},
    ReasonRow{Reason::kCallTokenExpired, "CALL_TOKEN_EXPIRED",
              kFailedPrecondition},
    ReasonRow{Reason::kCallTokenUsed, "CALL_TOKEN_USED", kFailedPrecondition},
    ReasonRow{Reason::kKeyExpired, "KEY_EXPIRED", kFailedPrecondition},
    ReasonRow{Reason::kKeyRevoked, "KEY_REVOKED", kFailedPrecondition},
    ReasonRow{Reason::kKeyAlreadyUsed, "KEY_ALREADY_USED", kFailedPrecondition},
    ReasonRow{Reason::kKeyNotPending, "KEY_NOT_PENDING", kFailedPrecondition},
    ReasonRow{Reason::kPeerIdentityMismatch, "PEER_IDENTITY_MISMATCH",
              kFailedPrecondition},
    ReasonRow{Reason::kProtocolVersion, "PROTOCOL_VERSION",
              kFailedPrecondition},
    ReasonRow{Reason::kLinkTerminated, "LINK_TERMINATED", kFailedPrecondition},
    ReasonRow{Reason::kLinkPaused, "LINK_PAUSED", kFailedPrecondition},
    ReasonRow{Reason::kNoAddress, "NO_ADDRESS", kFailedPrecondition},
    ReasonRow{Reason::kAlreadyLinked, "ALREADY_LINKED", kAlreadyExists},
    ReasonRow{Reason::kNameTaken, "NAME_TAKEN", kAlreadyExists},
    ReasonRow{Reason::kNumberTaken, "NUMBER_TAKEN", kAlreadyExists},
    ReasonRow{Reason::kLinkNotFound, "LINK_NOT_FOUND", kNotFound},
    ReasonRow{Reason::kLinkUnknown, "LINK_UNKNOWN", kNotFound},
    ReasonRow{Reason::kNumberNotFound, "NUMBER_NOT_FOUND", kNotFound},
    ReasonRow{Reason::kPeerUnreachable, "PEER_UNREACHABLE", kUnavailable},
    ReasonRow{Reason::kLookupIncomplete, "LOOKUP_INCOMPLETE", kUnavailable},
    ReasonRow{Reason::kStoreUnavailable, "STORE_UNAVAILABLE", kUnavailable},
    ReasonRow{Reason::kRateLimited, "RATE_LIMITED", kResourceExhausted},
    ReasonRow{Reason::kLimitReached, "LIMIT_REACHED", kResourceExhausted},
};
static_assert(kReasons.size() == kReasonCount);

const ReasonRow& RowOf(Reason reason) {
  return kReasons[static_cast<size_t>(reason)];
}

// Empty if the status has none, or one that cannot be parsed.
google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  const auto payload = status.GetPayload(std::string(kErrorInfoUrl));
  google::rpc::ErrorInfo info;
  if (payload && !info.ParseFromString(std::string(*payload))) info.Clear();
  return info;
}

}  // namespace

std::string_view ReasonName(Reason reason) { return RowOf(reason).name; }

absl::StatusCode ReasonCode(Reason reason) { return RowOf(reason).code; }

std::optional<Reason> ReasonNamed(std::string_view name) {
  for (const ReasonRow& row : kReasons) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

absl::Status Refusal(Reason reason, std::string_view sentence) {
  const std::string name(ReasonName(reason));
  absl::Status status(ReasonCode(reason), name + ": " + std::string(sentence));
  google::rpc::ErrorInfo info;
  info.set_reason(name);
  info.set_domain(std::string(kErrorDomain));
  status.SetPayload(std::string(kErrorInfoUrl),
                    absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status WithMetadata(absl::Status refusal, const std::string& key,
                          std::string value) {
  google::rpc::ErrorInfo info = InfoOf(refusal);
  (*info.mutable_metadata())[key] = std::move(value);
  refusal.SetPayload(std::string(kErrorInfoUrl),
                     absl::Cord(info.SerializeAsString()));
  return refusal;
}

bool HasMetadata(const absl::Status& refusal, const std::string& key) {
  return InfoOf(refusal).metadata().contains(key);
}

absl::Status RetryAfter(absl::Status status, std::chrono::milliseconds delay) {
  google::rpc::RetryInfo info;
  *info.mutable_retry_delay() =
      google::protobuf::util::TimeUtil::MillisecondsToDuration(delay.count());
  status.SetPayload(std::string(kRetryInfoUrl),
                    absl::Cord(info.SerializeAsString()));
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  if (info.domain() != kErrorDomain) return std::nullopt;
  return ReasonNamed(info.reason());
}

std::string_view SentenceOf(const absl::Status& status) {
  const std::string_view message(status.message().data(),
                                 status.message().size());
  const auto reason = ReasonOf(status);
  if (!reason) return message;
  const std::string_view name = ReasonName(*reason);
  const bool is_prefixed = message.substr(0, name.size()) == name &&
                           message.substr(name.size(), 2) == ": ";
  return is_prefixed ? message.substr(name.size() + 2) : message;
}

absl::Status StoreRefusal(const absl::Status& status) {
  constexpr std::string_view kPrefix = "STORE_UNAVAILABLE: ";
  std::string_view message(status.message().data(), status.message().size());
  if (message.substr(0, kPrefix.size()) == kPrefix) {
    message.remove_prefix(kPrefix.size());
  }
  return Refusal(Reason::kStoreUnavailable, message);
}

}  // namespace interlink::federation
