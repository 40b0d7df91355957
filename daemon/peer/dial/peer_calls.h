#pragma once

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/peer/dial/peer_channels.h"
#include "federation/base/event_loop.h"

namespace interlink::daemon {

// A call or a stream that GrpcPeerClient has under way.
class PeerCall {
 public:
  virtual ~PeerCall() = default;
  // The client is being destroyed: tells nobody any more, and lets gRPC end.
  virtual void Abandon() = 0;

 protected:
  // Expires with the call.
  std::weak_ptr<void> alive() const { return alive_; }

 private:
  const std::shared_ptr<void> alive_ = std::make_shared<char>();
};

// What is under way. Shared with what gRPC and the loop still have queued.
//
// Calls are destroyed on the loop or with the client, but never by gRPC's
// callback: the last owner of a channel there would make gRPC's thread wait for
// its own end.
struct PeerCalls {
  PeerCalls(federation::EventLoop& the_loop, PeerChannels& the_channels)
      : loop(the_loop), channels(the_channels) {}

  federation::EventLoop& loop;
  // Loop only.
  PeerChannels& channels;
  bool is_over = false;  // The client is gone.
  std::map<PeerCall*, std::unique_ptr<PeerCall>> calls;

  void Begin() {
    absl::MutexLock lock(&mutex);
    ++at_grpc;
  }
  // The last that a thread of gRPC does for a call; the loop is there until
  // then.
  void End() {
    absl::MutexLock lock(&mutex);
    --at_grpc;
  }
  // Until gRPC has answered all calls, which needs no loop once they are
  // abandoned.
  void AwaitEnd() {
    const auto none = [this] {
      mutex.AssertReaderHeld();
      return at_grpc == 0;
    };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&none));
  }

 private:
  absl::Mutex mutex;
  int at_grpc ABSL_GUARDED_BY(mutex) = 0;  // Calls that gRPC still answers.
};

}  // namespace interlink::daemon
