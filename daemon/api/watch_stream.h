#pragma once

#include <grpcpp/support/server_callback.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/api/api_streams.h"
#include "daemon/api/watch_call.h"
#include "daemon/rpc/grpc_status.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// A watch: a snapshot, then `current`, then every change. A message is made
// when gRPC has taken the one before, so a slow reader costs no memory and gets
// the newest state. A client that leaves one unread for too long is cut off.
//
// It deletes itself. Subclasses live on the loop: their functions are called
// there, and Advance() has to be.
template <class Response>
class WatchStream : public grpc::ServerWriteReactor<Response>,
                    private ApiStreams::Stream {
 public:
  WatchStream(federation::EventLoop& loop, ApiStreams& streams)
      : loop_(loop), streams_(streams) {}

  // Begins on the loop. Not in the constructor: the loop could be faster than
  // the subclass's constructor.
  void Open(WatchCall call) {
    call_.emplace(std::move(call));
    loop_.Post([this] { Start(); });
  }

  void OnWriteDone(bool ok) final {
    loop_.Post([this, ok] {
      writing_since_.reset();
      ok ? Advance() : End(absl::CancelledError());
    });
  }
  void OnCancel() final {
    loop_.Post([this] { End(absl::CancelledError()); });
  }
  void OnDone() final {
    loop_.Post([this] {
      streams_.Remove(call_->role, this);
      delete this;
    });
  }

 protected:
  ~WatchStream() override = default;

  // Subscribes to changes.
  virtual void Begin() = 0;
  // Fills `response` with the next message of what there is at the beginning;
  // false after its end. `current` follows by itself.
  virtual absl::StatusOr<bool> NextOfSnapshot(Response& response) = 0;
  // The same with the next change after that; false if there is none now.
  virtual absl::StatusOr<bool> NextChange(Response& response) = 0;

  // To be called when there may be something to send.
  void Advance() {
    if (writing_since_ || is_finished_) return;
    if (!outcome_ && HasNext()) {
      writing_since_ = loop_.Now();
      call_->counted.Sent();
      this->StartWrite(&response_);
    } else if (outcome_) {
      is_finished_ = true;
      call_->counted.Ended(ToGrpc(*outcome_));
      this->Finish(ToGrpc(*outcome_));
    }
  }

 private:
  // Fills the response; false if there is nothing to send now, or an outcome.
  bool HasNext() {
    response_.Clear();
    auto found =
        is_current_ ? NextChange(response_) : NextOfSnapshot(response_);
    if (!found.ok()) outcome_ = found.status();
    if (is_current_ || !found.ok() || *found) return found.ok() && *found;
    is_current_ = true;
    response_.set_current(true);
    return true;
  }
  void Start() {
    const absl::Status added = streams_.Add(call_->role, this);
    if (!added.ok()) return End(added);
    Begin();
    Advance();
  }
  void End(absl::Status status) final {
    if (!outcome_) outcome_ = std::move(status);
    Advance();
  }
  void BreakOff(absl::Status status) final {
    writing_since_ = federation::SteadyTime::max();  // Once is enough.
    End(std::move(status));
    call_->break_off(ToGrpc(*outcome_));
  }
  bool IsUnread(federation::SteadyTime since) const final {
    return writing_since_ && *writing_since_ <= since;
  }

  federation::EventLoop& loop_;
  ApiStreams& streams_;
  std::optional<WatchCall> call_;  // Once it is open.
  Response response_;
  bool is_current_ = false;  // The snapshot has been sent.
  std::optional<federation::SteadyTime> writing_since_;  // None: is not.
  bool is_finished_ = false;
  std::optional<absl::Status> outcome_;
};

}  // namespace interlink::daemon
