#include "federation/mirrors/mirror_subscription.h"

#include <utility>

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
  is_snapshot_due_ = !have || needs_snapshot;
  if (!is_snapshot_due_) *request.mutable_have() = ToProto(*have);
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
  // By a pause, with which it is in step.
  const bool is_emptied = !is_snapshot_due_ && !mirrors_.TakesParts(link_);
  const bool is_stuck = !was_coming && !mirrors_.IsInStep(link_);
  if (needs_snapshot_ || is_emptied || is_stuck) return Ask();
  return std::nullopt;
}

std::optional<v1::Subscribe> MirrorSubscription::OnPart(
    const v1::DirectoryPart& part) {
  if (!is_on_ || !trouble_.ok()) return std::nullopt;
  is_coming_ = true;
  is_snapshot_due_ = false;
  const absl::Status status = mirrors_.Apply(link_, part);
  alarm_.Heard(link_, part);
  if (status.ok()) return std::nullopt;
  if (absl::IsDataLoss(status)) {
    needs_snapshot_ = true;
    if (!at_once_.Take(loop_.Now())) return std::nullopt;  // At the next pong.
    return Ask();
  }
  trouble_ = status;
  retry_ = loop_.Now() + kRetry;
  v1::Subscribe stop;
  stop.set_stop(true);
  return stop;
}

absl::Status MirrorSubscription::trouble() const {
  return trouble_.ok() && is_on_ ? mirrors_.Omitted(link_) : trouble_;
}

}  // namespace interlink::federation
