#pragma once

#include <grpcpp/support/server_callback.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/api/api_streams.h"
#include "daemon/rpc/grpc_status.h"
#include "federation/base/event_loop.h"
#include "federation/base/reason.h"

namespace interlink::daemon {

// A watch: a snapshot, then `current`, then every change. A message is made
// when gRPC has taken the one before, so a slow reader costs no memory and gets
// the newest state.
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
  void Open() {
    loop_.Post([this] { Start(); });
  }

  void OnWriteDone(bool ok) final {
    loop_.Post([this, ok] {
      is_writing_ = false;
      if (!ok) outcome_ = absl::CancelledError();
      Advance();
    });
  }
  void OnCancel() final {
    loop_.Post([this] { End(absl::CancelledError()); });
  }
  void OnDone() final {
    loop_.Post([this] {
      streams_.Remove(this);
      delete this;
    });
  }

 protected:
  ~WatchStream() override = default;

  // Subscribes to changes.
  virtual void Begin() = 0;
  // Fills `response` with the next message of what there is at the beginning;
  // false if it has been sent whole. `current` follows by itself.
  virtual absl::StatusOr<bool> NextOfSnapshot(Response& response) = 0;
  // Fills `response` with the next change after that; false if there is none
  // now.
  virtual absl::StatusOr<bool> NextChange(Response& response) = 0;

  // To be called when there may be something to send.
  void Advance() {
    if (is_writing_ || is_finished_) return;
    if (!outcome_) {
      response_.Clear();
      auto has_message = Produce(response_);
      if (!has_message.ok()) {
        outcome_ = has_message.status();
      } else if (*has_message) {
        is_writing_ = true;
        this->StartWrite(&response_);
        return;
      }
    }
    if (outcome_) {
      is_finished_ = true;
      this->Finish(ToGrpc(*outcome_));
    }
  }

 private:
  absl::StatusOr<bool> Produce(Response& response) {
    if (is_current_) return NextChange(response);
    auto has_message = NextOfSnapshot(response);
    if (!has_message.ok() || *has_message) return has_message;
    is_current_ = true;
    response.set_current(true);
    return true;
  }
  void Start() {
    if (streams_.Add(this)) {
      Begin();
    } else {
      outcome_ = federation::Refusal(
          federation::Reason::kLimitReached,
          "too many watches are open, or the daemon is stopping; try again");
    }
    Advance();
  }
  void End(absl::Status status) final {
    if (!outcome_) outcome_ = std::move(status);
    Advance();
  }

  federation::EventLoop& loop_;
  ApiStreams& streams_;
  Response response_;
  bool is_current_ = false;  // The snapshot has been sent.
  bool is_writing_ = false;
  bool is_finished_ = false;
  std::optional<absl::Status> outcome_;
};

}  // namespace interlink::daemon
