#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "federation/base/event_loop.h"
#include "federation/base/reason.h"
#include "federation/peer/peer_client.h"

namespace interlink::federation {

// Questions asked over a session that wait for their answers, each until its
// timeout.
//
// Threading: loop only.
template <class Response>
class PendingCalls {
 public:
  using Done = PeerClient::Done<Response>;

  explicit PendingCalls(EventLoop& loop) : loop_(loop) {}

  bool empty() const { return calls_.empty(); }

  // Returns the number of the call, which its answer will quote. `done` is
  // called once, unless this object is destroyed before.
  uint64_t Begin(Duration timeout, Done done) {
    const uint64_t call = ++last_;
    calls_[call] = {.done = std::move(done),
                    .start = loop_.Now(),
                    .timeout = loop_.After(timeout, [this, call] {
                      Answer(call,
                             Refusal(Reason::kPeerUnreachable,
                                     "no answer over the session in time"),
                             false, Response());
                    })};
    return call;
  }

  void Answer(uint64_t call, absl::Status status, bool from_peer,
              Response response) {
    auto node = calls_.extract(call);
    if (node.empty()) return;  // It came too late, or was never asked.
    Call& pending = node.mapped();
    pending.done({.status = std::move(status),
                  .from_peer = from_peer,
                  .response = std::move(response),
                  .round_trip = loop_.Now() - pending.start});
  }

  // Fails all calls because the session broke. Posts their `done`s.
  void FailAll() {
    for (auto& [call, pending] : calls_) {
      loop_.Post([done = std::move(pending.done)]() mutable {
        done({.status = Refusal(Reason::kPeerUnreachable, "the session broke"),
              .from_peer = false,
              .response = {},
              .round_trip = {}});
      });
    }
    calls_.clear();
  }

 private:
  struct Call {
    Done done;
    SteadyTime start;
    std::unique_ptr<EventLoop::Timer> timeout;
  };

  EventLoop& loop_;
  uint64_t last_ = 0;
  std::map<uint64_t, Call> calls_;
};

}  // namespace interlink::federation
