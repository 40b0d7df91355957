#include "daemon/peer/dial/dialled_session.h"

#include <grpcpp/generic/generic_stub.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/peer/dial/peer_errors.h"
#include "daemon/rpc/parse.h"
#include "federation/base/address.h"

namespace interlink::daemon {
namespace {

std::string MethodName() {
  return absl::StrCat(
      "/", federation::v1::FederationService::service_full_name(), "/Session");
}

}  // namespace

DialledSession::DialledSession(std::shared_ptr<PeerCalls> calls,
                               const federation::PeerTarget& target)
    : calls_(std::move(calls)), target_(target) {}

DialledSession::~DialledSession() = default;

void DialledSession::Begin() {
  if (auto status = federation::CheckAddress(target_.address); !status.ok()) {
    is_cancelled_ = true;  // The task below ends it, not Cancel().
    calls_->loop.Post([this, calls = calls_, status] {
      if (calls->is_over || !calls->calls.contains(this)) return;
      const auto self = calls->calls.extract(this);
      HasEnded(status, false);
    });
    return;
  }
  channel_ = calls_->channels.Find(target_);
  channel_->WhenMade(alive(), [this] { Start(); });
}

void DialledSession::Start() {
  if (is_cancelled_) return;
  is_started_ = true;
  counted_ = calls_->Count("Session");
  calls_->Begin();
  has_hold_ = true;
  grpc::TemplatedGenericStub<federation::v1::SessionRequest, grpc::ByteBuffer>(
      channel_->channel)
      .PrepareBidiStreamingCall(&context_, MethodName(), {}, this);
  AddHold();
  StartRead(&bytes_);
  StartCall();
}

void DialledSession::Read() {
  if (has_hold_) StartRead(&bytes_);
}

void DialledSession::Write(const federation::v1::SessionMessage& message) {
  if (channel_ == nullptr) return;
  *out_.mutable_message() = message;
  channel_->WhenMade(alive(), [this] {
    if (!has_hold_) return;
    counted_->Sent();
    StartWrite(&out_);
  });
}

void DialledSession::EndWith(const absl::Status& /*status*/) {
  if (channel_ == nullptr) return;
  channel_->WhenMade(alive(), [this] {
    if (has_hold_) StartWritesDone();
  });
}

void DialledSession::Cancel() {
  if (std::exchange(is_cancelled_, true)) return;
  if (is_started_) {
    context_.TryCancel();
  } else {
    calls_->loop.Post([this, calls = calls_] {
      if (!calls->is_over) calls->calls.erase(this);
    });
  }
}

void DialledSession::Abandon() {
  Detach();
  if (!is_started_) return;
  context_.TryCancel();
  channel_->check->Abandon();
  ReleaseHold();
}

void DialledSession::ReadEnded() { ReleaseHold(); }

void DialledSession::ReleaseHold() {
  if (std::exchange(has_hold_, false)) RemoveHold();
}

// On threads of gRPC. A posted task finds either this or the client gone.

void DialledSession::OnReadDone(bool ok) {
  if (ok) counted_->Received();
  if (ok && !Parse(bytes_, in_)) {
    calls_->loop.Post([this, calls = calls_] {
      if (!calls->is_over) HasReadGarbage();
    });
    return;
  }
  calls_->loop.Post([this, calls = calls_, ok] {
    if (!calls->is_over) HasRead(ok, std::move(*in_.mutable_message()));
  });
}

void DialledSession::OnWriteDone(bool ok) {
  calls_->loop.Post([this, calls = calls_, ok] {
    if (calls->is_over) return;
    out_.Clear();
    HasWritten(ok);
  });
}

void DialledSession::OnDone(const grpc::Status& status) {
  const std::shared_ptr<PeerCalls> calls = calls_;
  calls->loop.Post([this, calls, status] {
    if (!calls->is_over) Finish(status);
  });
  calls->End();
}

void DialledSession::Finish(const grpc::Status& status) {
  const auto self = calls_->calls.extract(this);
  counted_->Ended(status);
  PeerVerdict verdict = VerdictOf(status, *channel_, target_.address);
  if (!verdict.from_peer) calls_->channels.Failed(*channel_);
  if (status.ok()) {
    verdict.status =
        absl::UnavailableError("the other account's daemon closed the session");
  }
  HasEnded(verdict.status, verdict.from_peer);
}

}  // namespace interlink::daemon
