#include "daemon/peer/session_stream.h"

#include <utility>

namespace interlink::daemon {

// The half that the rules hold. Either half may be destroyed first.
class SessionStream::Stream : public federation::PeerStream {
 public:
  explicit Stream(SessionStream& core) : core_(&core) {}
  ~Stream() override {
    if (core_ == nullptr) return;
    core_->stream_ = nullptr;
    core_->events_ = nullptr;
    core_->Cancel();
  }

  void Open(Events& events) override {
    if (core_ == nullptr) return;
    core_->events_ = &events;
    core_->Begin();
  }
  void Send(const federation::v1::SessionMessage& message) override {
    if (core_ == nullptr || core_->is_ended_) return;
    core_->is_writing_ = true;
    core_->Write(message);
  }
  void Close(absl::Status status) override {
    if (core_ == nullptr || core_->closing_) return;
    core_->closing_ = std::move(status);
    if (!core_->is_writing_) core_->End();
  }
  void Admit(store::InterlinkId link) override {
    if (core_ != nullptr) core_->Admitted(link);
  }

  SessionStream* core_;
};

SessionStream::~SessionStream() { Detach(); }

void SessionStream::Detach() {
  events_ = nullptr;
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->core_ = nullptr;
}

std::unique_ptr<federation::PeerStream> SessionStream::MakeStream() {
  auto stream = std::make_unique<Stream>(*this);
  stream_ = stream.get();
  return stream;
}

void SessionStream::End() {
  if (std::exchange(is_ended_, true)) return;
  EndWith(*closing_);
}

void SessionStream::HasRead(bool ok, federation::v1::SessionMessage message) {
  if (!ok) {
    ReadEnded();
    return;
  }
  if (events_ != nullptr) events_->OnMessage(std::move(message));
  Read();
}

void SessionStream::HasReadGarbage() {
  if (events_ != nullptr) events_->OnGarbage();
  Read();
}

void SessionStream::HasWritten(bool ok) {
  is_writing_ = false;
  if (closing_) {
    End();
  } else if (ok && events_ != nullptr) {
    events_->OnSent();
  }
}

void SessionStream::HasEnded(const absl::Status& status, bool from_peer) {
  auto* events = std::exchange(events_, nullptr);
  Detach();
  if (events != nullptr) events->OnClosed(status, from_peer);
}

}  // namespace interlink::daemon
