#include "federation/mirror_subscription.h"

#include <utility>

#include "federation/reason.h"

namespace interlink::federation {
namespace {

// When a directory that was too large is tried again.
constexpr std::chrono::minutes kRetry{10};

}  // namespace

v1::Subscribe MirrorSubscription::Begin(store::InterlinkId link) {
  link_ = link;
  is_on_ = true;
  return Ask();
}

v1::Subscribe MirrorSubscription::Ask() {
  trouble_ = absl::OkStatus();
  is_coming_ = true;
  v1::Subscribe request;
  const auto have = mirrors_.PositionOf(link_);
  const bool needs_snapshot = std::exchange(needs_snapshot_, false);
  if (have && !needs_snapshot) *request.mutable_have() = ToProto(*have);
  return request;
}

std::optional<v1::Subscribe> MirrorSubscription::OnPong(const v1::Pong& pong) {
  if (!is_on_) return std::nullopt;
  if (const auto position = FromProto(pong.directory())) {
    mirrors_.Confirm(link_, *position);
  }
  const bool was_coming = std::exchange(is_coming_, false);
  if (!trouble_.ok()) {
    if (loop_.Now() < retry_) return std::nullopt;
    return Ask();
  }
  const bool is_behind = !mirrors_.IsInStep(link_) && !was_coming;
  if (needs_snapshot_ || is_behind) return Ask();
  return std::nullopt;
}

absl::Status MirrorSubscription::OnPart(const v1::DirectoryPart& part,
                                        std::optional<v1::Subscribe>& reply) {
  if (!is_on_ || !trouble_.ok()) return absl::OkStatus();
  is_coming_ = true;
  const absl::Status status = mirrors_.Apply(link_, part);
  if (ReasonOf(status) == Reason::kLimitReached) {
    trouble_ = status;
    retry_ = loop_.Now() + kRetry;
    reply.emplace().set_stop(true);
    return absl::OkStatus();
  }
  if (absl::IsDataLoss(status)) {
    needs_snapshot_ = true;
    return absl::OkStatus();
  }
  return status;
}

}  // namespace interlink::federation
