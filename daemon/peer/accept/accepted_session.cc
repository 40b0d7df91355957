#include "daemon/peer/accept/accepted_session.h"

#include <utility>

#include "daemon/rpc/grpc_status.h"
#include "daemon/rpc/parse.h"

namespace interlink::daemon {

void AcceptedSession::Begin() { StartRead(&bytes_); }

void AcceptedSession::Read() {
  if (!is_finished_) StartRead(&bytes_);
}

void AcceptedSession::Write(const federation::v1::SessionMessage& message) {
  if (is_finished_) return;
  *out_.mutable_message() = message;
  counted_.Sent();
  StartWrite(&out_);
}

void AcceptedSession::EndWith(const absl::Status& status) {
  if (std::exchange(is_finished_, true)) return;
  status_ = ToGrpc(status);
  Finish(status_);
}

void AcceptedSession::Cancel() { Close(absl::CancelledError()); }

void AcceptedSession::Admitted(store::InterlinkId link) {
  if (owner_.admitted) std::exchange(owner_.admitted, nullptr)(link);
}

// A message that is being written may still reach the peer.
void AcceptedSession::ReadEnded() {
  is_over_ = true;
  if (!is_writing()) EndWith(absl::OkStatus());
}

void AcceptedSession::Close(const absl::Status& status) {
  // The context may already be gone.
  if (is_finished_) return;
  if (!is_writing()) {
    EndWith(status);
    return;
  }
  // Finish() has to wait for the write, which fails now if the peer does not
  // take it.
  is_over_ = true;
  context_.TryCancel();
}

// On threads of gRPC.

void AcceptedSession::OnReadDone(bool ok) {
  if (ok) counted_.Received();
  if (ok && !Parse(bytes_, in_)) {
    loop_.Post([this] { HasReadGarbage(); });
    return;
  }
  loop_.Post([this, ok, size = in_.ByteSizeLong()] {
    HasRead(ok, std::move(*in_.mutable_message()));
    if (ok && owner_.received) owner_.received(size);
  });
}

void AcceptedSession::OnWriteDone(bool ok) {
  loop_.Post([this, ok, size = out_.ByteSizeLong()] {
    out_.Clear();
    if (ok && owner_.sent) owner_.sent(size);
    HasWritten(ok);
    if (!ok || (is_over_ && !is_writing())) EndWith(absl::CancelledError());
  });
}

void AcceptedSession::OnDone() {
  counted_.Done(context_, status_);
  loop_.Post([this] {
    if (owner_.ended) owner_.ended(*this);
    HasEnded(
        absl::UnavailableError("the other account's daemon closed the session"),
        false);
    delete this;
  });
}

}  // namespace interlink::daemon
